using System.CommandLine;
using Serve.Cli.Models;
using Serve.Cli.Terminal;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.Inference.Evaluation;

namespace Serve.Cli.Evaluate;

/// <summary><c>serve evaluate</c>: detections or a model against a dataset, under a protocol.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var truth = new Option<string?>("--truth") { Description = "COCO annotation file. With --detections." };
        var detections = new Option<string?>("--detections") { Description = "COCO results file. With --truth." };
        var model = ModelOptions.Model();
        model.Required = false;
        var models = ModelOptions.Models();
        var data = new Option<string?>("--data") { Description = "Dataset folder. With --model." };
        var split = new Option<string?>("--split") { Description = "Split of the dataset; test when not given, or the only one." };
        var device = ModelOptions.Device();
        var json = new Option<string?>("--json") { Description = "File for the report, numbers in full precision." };
        var arrays = new Option<string?>("--arrays") { Description = "File for precision, recall and scores: little-endian float64, one after another." };
        var protocol = new ProtocolOptions();
        var command = new Command(
            "evaluate",
            """
            Evaluates detections, or a model, against ground truth.
            Examples: serve evaluate --truth instances_val.json --detections results.json --protocol coco-bbox
                      serve evaluate --model blood-cells --data bccd --split test --json report.json
            """)
        {
            truth, detections, model, models, data, split, device, json, arrays,
        };
        protocol.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var rules = protocol.Read(parsed);
            var (dataset, found) = (parsed.GetValue(truth), parsed.GetValue(detections), parsed.GetValue(model), parsed.GetValue(data)) switch
            {
                ({ } truthFile, { } detectionsFile, null, null) => await ReadAsync(truthFile, detectionsFile, ct),
                (null, null, { } name, { } folder) => await DetectAsync(
                    name, parsed.GetValue(models), parsed.GetValue(device)!, folder, parsed.GetValue(split), parsed.InvocationConfiguration.Error, ct),
                _ => throw new InvalidInputException("evaluate: give either --truth and --detections, or --model and --data."),
            };
            var evaluation = Evaluator.Evaluate(dataset, found, rules, ct: ct);
            var report = EvaluationReport.From(evaluation, dataset);
            if (parsed.GetValue(arrays) is { } arraysFile)
            {
                await CocoArrays.WriteAsync(arraysFile, evaluation.Curves, ct);
            }

            if (parsed.GetValue(json) is { } jsonFile)
            {
                await Files.WriteAsync(jsonFile, report.ToJson(), ct);
            }

            await parsed.InvocationConfiguration.Output.WriteLineAsync(report.ToText());
            return 0;
        });
        return command;
    }

    private static async Task<(Dataset, DetectionTable)> ReadAsync(string truth, string detections, CancellationToken ct)
    {
        var dataset = CocoDatasetReader.ReadAsync(Files.Existing(truth, "--truth"), ct);
        var table = CocoResults.ReadAsync(Files.Existing(detections, "--detections"), ct);
        return (await dataset, await table);
    }

    private static async Task<(Dataset, DetectionTable)> DetectAsync(
        string model, DirectoryInfo? models, string device, string data, string? split, TextWriter error, CancellationToken ct)
    {
        var folder = DatasetFolder.Open(data);
        var dataset = await folder.ReadAsync(split ?? (folder.Splits.Count == 1 ? folder.Splits[0] : "test"), ct);
        await using var detector = await ModelOptions.LoadAsync(model, models, device, ct);
        var table = await WorkProgress.RunAsync("detecting", dataset.Images.Count, error, progress =>
            DatasetDetection.DetectAsync(detector.Model, folder, dataset, 0, dataset.Images.Count, progress, ct));
        return (dataset, table);
    }
}
