using System.CommandLine;
using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;

namespace Serve.EvalCli;

/// <summary><c>serve evaluate</c>: detections or a model against a dataset, under a protocol.</summary>
internal static class EvaluateCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="other">Where detections come from when they are not in a file; null where only files can be read.</param>
    public static Command Create(DetectionSource? other = null)
    {
        var truth = new Option<string?>("--truth") { Description = "COCO annotation file. With --detections." };
        var detections = new Option<string?>("--detections") { Description = "COCO results file. With --truth." };
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
            truth, detections,
        };
        foreach (var option in other?.Options ?? [])
        {
            command.Options.Add(option);
        }

        command.Options.Add(json);
        command.Options.Add(arrays);
        protocol.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var rules = protocol.Read(parsed);
            var (dataset, found) = (parsed.GetValue(truth), parsed.GetValue(detections), other?.IsAsked(parsed) ?? false) switch
            {
                ({ } truthFile, { } detectionsFile, false) => await ReadAsync(truthFile, detectionsFile, rules.Parts, ct),
                (null, null, true) => await other!.ReadAsync(parsed, ct) ?? throw NoSource(),
                _ => throw NoSource(),
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

    private static async Task<(Dataset, DetectionTable)> ReadAsync(string truth, string detections, AnnotationParts parts, CancellationToken ct)
    {
        var dataset = CocoDatasetReader.ReadAsync(Files.Existing(truth, "--truth"), parts, ct: ct);
        var table = CocoResults.ReadAsync(Files.Existing(detections, "--detections"), parts, ct: ct);
        return (await dataset, await table);
    }

    private static InvalidInputException NoSource() => new("evaluate: give either --truth and --detections, or --model and --data.");
}
