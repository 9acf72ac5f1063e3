// Where the time of a box evaluation goes, files to numbers:
//   dotnet run -c Release --project bench/Eval.Bench -- [images] [categories] [detections an image] [runs]
using System.Diagnostics;
using System.Globalization;
using Serve.Eval;
using Serve.Eval.Bench;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;

int Argument(int at, int otherwise) => args.Length > at ? int.Parse(args[at], CultureInfo.InvariantCulture) : otherwise;
var (images, categories, perImage, runs) = (Argument(0, 5000), Argument(1, 80), Argument(2, 100), Argument(3, 5));
var folder = Directory.CreateTempSubdirectory("serve-bench-");
var (truth, found) = (Path.Combine(folder.FullName, "gt.json"), Path.Combine(folder.FullName, "dt.json"));
var ct = CancellationToken.None;
try
{
    await new SyntheticLoad(images, categories, perImage, seed: 1).WriteAsync(truth, found, ct);
    Console.WriteLine($"{images} images, {categories} categories, {images * perImage} detections; {new FileInfo(truth).Length / 1e6:0} + {new FileInfo(found).Length / 1e6:0} MB; {Environment.ProcessorCount} cores");
    Console.WriteLine("   read gt   read dt  evaluate     total (ms)");
    for (var run = 0; run < runs; run++)
        await RunAsync();
    Console.WriteLine($"peak memory {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:0} MB (with the making of the load)");
}
finally
{
    folder.Delete(recursive: true);
}

async Task RunAsync()
{
    var protocol = CocoProtocol.BoundingBox;
    var clock = Stopwatch.StartNew();
    var marks = new List<double>();
    void Mark() => marks.Add(clock.Elapsed.TotalMilliseconds);

    var dataset = await CocoDatasetReader.ReadAsync(truth, ct);
    Mark();
    var detections = await CocoResults.ReadAsync(found, ct);
    Mark();
    var evaluation = Evaluator.Evaluate(dataset, detections, protocol, ct: ct);
    Mark();
    var steps = marks.Select((mark, i) => mark - (i == 0 ? 0 : marks[i - 1])).Append(marks[^1]);
    Console.WriteLine(string.Concat(steps.Select(step => $"{step,10:0}")) + $"   AP {evaluation["AP"]:R}");
}
