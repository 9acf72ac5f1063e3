using System.CommandLine;
using Serve.Eval;

namespace Serve.EvalCli;

/// <summary><c>serve evaluate</c>: detections or a model against a dataset, under a protocol.</summary>
internal static class EvaluateCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="other">Where detections come from when they are not in a file; null where only files can be read.</param>
    public static Command Create(DetectionSource? other = null)
    {
        DetectionSource[] sources = [DetectionSource.Files(), .. other is null ? [] : new[] { other }];
        var (protocol, analysis, reports) = (new ProtocolOptions(), new AnalysisOptions(), new ReportOptions());
        var command = new Command(
            "evaluate",
            """
            Evaluates detections, or a model, against ground truth.
            Examples: serve data make --out data/scenes
                      serve evaluate --model demo-scenes --data data/scenes --split test --html report.html --json report.json --detections-out results.json
                      serve evaluate --truth data/scenes/annotations/instances_test.json --detections results.json --protocol coco-bbox --csv numbers.csv
                      serve evaluate --truth data/scenes/annotations/instances_test.json --detections results.json --errors --intervals --markdown report.md --baseline report.json
            """);
        foreach (var option in sources.SelectMany(source => source.Options))
        {
            command.Options.Add(option);
        }

        protocol.AddTo(command);
        analysis.AddTo(command);
        reports.AddTo(command);
        command.SetAction(async (parsed, ct) =>
        {
            var rules = protocol.Read(parsed);
            var files = reports.Open(parsed, [.. sources.SelectMany(source => source.Outputs)]);
            var asked = analysis.Read(parsed, rules, hasPage: files.HasPage);
            DetectionSource[] chosen = [.. sources.Where(source => source.IsAsked(parsed))];
            var input = (chosen.Length == 1 ? await chosen[0].ReadAsync(parsed, new(rules, Hash: files.HasReport), ct) : null)
                ?? throw new InvalidInputException("evaluate: give either --truth and --detections, or --model and --data.");
            var evaluation = Evaluator.Evaluate(input.Dataset, input.Detections, rules, ct: ct);
            var report = asked.Report(input, evaluation, CommandText.Of(parsed), ct);
            await files.WriteAsync(report, asked.ForTables(report), evaluation.Curves, ct);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(asked.Text(report));
            return 0;
        });
        return command;
    }
}
