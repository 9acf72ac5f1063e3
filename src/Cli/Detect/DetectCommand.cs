using System.CommandLine;
using System.Diagnostics;
using Serve.Cli.Models;
using Serve.Eval;
using Serve.EvalCli;
using Serve.Inference.Detection;
using Serve.Inference.Drawing;
using Serve.Inference.Pictures;

namespace Serve.Cli.Detect;

/// <summary><c>serve detect</c>: detects on picture files, without a server.</summary>
internal static class DetectCommand
{
    public static Command Create()
    {
        var images = new Argument<string[]>("image") { Description = "Picture files.", Arity = ArgumentArity.OneOrMore };
        var model = ModelOptions.Model();
        var models = ModelOptions.Models();
        var device = ModelOptions.Device();
        var score = new Option<double?>("--score") { Description = "Least score, 0..1; the model's own threshold when not given." };
        var max = new Option<int>("--max") { Description = "At most so many detections a picture.", DefaultValueFactory = _ => 100 };
        var output = new Option<string?>("--out") { Description = "Folder for copies with the detections drawn." };
        var json = new Option<string?>("--json") { Description = "File for the detections, in the shape that POST /v1/detect answers." };
        var command = new Command("detect", "Detects objects on pictures.\nExample: serve detect blood.jpg --model blood-cells --out drawn --json detections.json")
        {
            images, model, models, device, score, max, output, json,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var threshold = parsed.GetValue(score);
            if (threshold is < 0 or > 1 or double.NaN)
            {
                throw new InvalidInputException($"--score: got {threshold}, allowed are 0..1.");
            }

            var options = new DetectionOptions(threshold, ModelOptions.AtLeastOne("--max", parsed.GetValue(max)));
            await using var loaded = await ModelOptions.LoadAsync(parsed.GetValue(model)!, parsed.GetValue(models), parsed.GetValue(device)!, ct);
            var detector = loaded.Model;
            var drawnFolder = parsed.GetValue(output);
            var answers = new List<ImageDetections>();
            var times = StageTimes.None;
            foreach (var path in parsed.GetValue(images)!)
            {
                var watch = Stopwatch.StartNew();
                var picture = PictureDecoder.DecodeFile(Files.Existing(path, "image"), new PictureLimits());
                var decode = watch.Elapsed.TotalMilliseconds;
                var result = await detector.DetectAsync(picture, options, ct);
                times = times.Plus(decode, result.Timings, watch.Elapsed.TotalMilliseconds);
                answers.Add(ImageDetections.From(path, picture, result));
                await PrintAsync(parsed.InvocationConfiguration.Output, path, result);
                if (drawnFolder is not null)
                {
                    await DrawAsync(drawnFolder, path, picture, result, ct);
                }
            }

            if (parsed.GetValue(json) is { } file)
            {
                await Files.WriteAsync(file, DetectJson.Write(new DetectFile(detector.Passport.Name, detector.Passport.Version, answers, times)), ct);
            }

            return 0;
        });
        return command;
    }

    private static async Task PrintAsync(TextWriter output, string path, DetectionResult result)
    {
        await output.WriteLineAsync($"{path}: {result.Detections.Count} detections");
        foreach (var detection in result.Detections)
        {
            var box = detection.Box;
            await output.WriteLineAsync($"  {detection.Category.Name,-16} {detection.Score:0.000}  {box.X1:0.0} {box.Y1:0.0} {box.X2:0.0} {box.Y2:0.0}");
        }
    }

    private static async Task DrawAsync(string folder, string path, Picture picture, DetectionResult result, CancellationToken ct)
    {
        var target = Path.Combine(folder, Path.GetFileNameWithoutExtension(path) + ".jpg");
        if (Path.GetFullPath(target) == Path.GetFullPath(path))
        {
            throw new InvalidInputException($"--out {folder}: the drawn copy would overwrite {path}; give another folder.");
        }

        await Files.WriteAsync(target, PictureDrawing.Draw(picture, result.Detections, "image/jpeg"), ct);
    }
}
