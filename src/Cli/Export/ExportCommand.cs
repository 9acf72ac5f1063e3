using System.CommandLine;
using Serve.Cli.Terminal;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.EvalCli;
using Serve.Inference.Evaluation;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Export;
using Serve.Training.Runs;

namespace Serve.Cli.Export;

/// <summary><c>serve export</c>: a run's weights as one ONNX file with a passport, checked and measured before it appears in the models folder.</summary>
internal static class ExportCommand
{
    private const int ParityPictures = 12;

    private static readonly Dictionary<string, CheckpointKind> Checkpoints = new(StringComparer.OrdinalIgnoreCase) { ["best"] = CheckpointKind.Best, ["last"] = CheckpointKind.Last };

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "Folder of a run." };
        var to = new Option<string>("--to") { Description = "models/NAME: published as its next version.", Required = true };
        var checkpoint = new Option<string>("--checkpoint") { Description = "best (on the validation split) or last.", DefaultValueFactory = _ => "best" };
        var data = new Option<string?>("--data") { Description = "Dataset folder for the parity check and the metrics; that of the run when not given." };
        var split = new Option<string>("--split") { Description = "Split whose metrics go into the passport.", DefaultValueFactory = _ => "test" };
        var half = new Option<bool>("--half") { Description = "Round the weights to float16, which halves the file; computation stays in float32." };
        var score = new Option<double?>("--score") { Description = "Score below which the model's detections are not shown unless asked for." };
        var command = new Command(
            "export",
            """
            Exports a run to ONNX: pixels in, boxes, scores and labels out. Refuses to publish when ONNX Runtime and TorchSharp disagree.
            Example: serve export runs/blood-cells --to models/blood-cells --data bccd --split test
            """)
        {
            run, to, checkpoint, data, split, half, score,
        };
        command.SetAction(async (parsed, ct) =>
        {
            var kind = Choice.Of("--checkpoint", parsed.GetValue(checkpoint)!, Checkpoints);
            var folder = RunFolder.Open(parsed.GetValue(run)!);
            var target = Path.GetFullPath(Path.TrimEndingDirectorySeparator(parsed.GetValue(to)!));
            var dataset = DatasetFolder.Open(parsed.GetValue(data) ?? folder.Record.DataFolder
                ?? throw new InvalidInputException($"--data: {folder.Path} does not say where its dataset lies; give its folder."));
            var error = parsed.InvocationConfiguration.Error;

            using var detector = folder.LoadDetector(kind);
            if (parsed.GetValue(half))
            {
                HalfWeights.Round(detector);
            }

            var passport = folder.BuildPassport(
                Path.GetFileName(target), 1, kind, DetectorWork.Count(detector, folder.Recipe.ToInputSpec()).MultiplyAdds);
            if (parsed.GetValue(score) is { } threshold)
            {
                passport = passport with { ScoreThreshold = threshold };
            }

            var pictures = await PicturesAsync(dataset, folder.Record.Validation.Name.Split('/')[^1], ct);
            await error.WriteLineAsync($"exporting {passport.Name}; comparing TorchSharp and ONNX Runtime on {pictures.Count} pictures");
            var published = await ModelPublisher.PublishAsync(
                detector, passport, pictures, Path.GetDirectoryName(target)!, model => MeasureAsync(model, dataset, parsed.GetValue(split)!, error, ct), ct);

            var output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync($"{Path.GetRelativePath(Environment.CurrentDirectory, published.Folder)}: published; {published.Parity}");
            foreach (var metrics in published.Passport.Provenance!.Metrics)
            {
                await output.WriteLineAsync(
                    $"{metrics.Dataset} {metrics.Protocol}: {string.Join(", ", metrics.Values.Select(value => FormattableString.Invariant($"{value.Key} {value.Value:0.0000}")))}");
            }

            return 0;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Picture>> PicturesAsync(DatasetFolder folder, string split, CancellationToken ct)
    {
        var dataset = await folder.ReadAsync(split, ct);
        return [.. dataset.Images.Take(ParityPictures).Select(image => PictureDecoder.DecodeFile(folder.ImagePath(image), new PictureLimits()))];
    }

    /// <summary>The metrics of the exported file through the detect flow; none when the dataset lacks the split.</summary>
    private static async Task<IReadOnlyList<ObtainedMetrics>> MeasureAsync(
        DetectionModel model, DatasetFolder folder, string split, TextWriter error, CancellationToken ct)
    {
        if (!folder.Splits.Contains(split))
        {
            await error.WriteLineAsync($"{folder.Name} has no split {split}; the passport gets no metrics of it.");
            return [];
        }

        var name = $"{folder.Name}/{split}";
        var parts = model.Passport.GivesMasks ? CocoProtocol.Masks.Parts : CocoProtocol.BoundingBox.Parts;
        var dataset = await folder.ReadAsync(split, parts, ct: ct);
        if (model.Passport.GivesMasks)
            dataset.RequireMasks(name);
        var detections = await WorkProgress.RunAsync("measuring", dataset.Images.Count, error, progress =>
            DatasetDetection.DetectAsync(model, folder, dataset, 0, dataset.Images.Count, CocoProtocol.BoundingBox.DetectionsPerImage, parts, progress, ct));
        return model.Passport.GivesMasks
            ? [Obtained(CocoProtocol.BoundingBox, detections.OfBoxes()), Obtained(CocoProtocol.Masks, detections)]
            : [Obtained(CocoProtocol.BoundingBox, detections)];

        ObtainedMetrics Obtained(Protocol protocol, DetectionTable found)
        {
            var report = EvaluationReport.From(Evaluator.Evaluate(dataset, found, protocol, ct: ct), dataset);
            return new(name, report.Protocol, report.StatsNames.Zip(report.Stats).ToDictionary(number => number.First, number => number.Second));
        }
    }
}
