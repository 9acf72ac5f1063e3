using System.Globalization;
using System.Text.Json.Nodes;
using Serve.Api.Evaluation.Storage;
using Serve.Eval.Reports;

namespace Serve.Api.Evaluation.Reruns;

/// <summary>One run of an evaluation.</summary>
/// <param name="Row">The evaluation.</param>
/// <param name="Report">Its report as JSON.</param>
/// <param name="Origins">What made its detections; none for submitted ones, and those of versions that did not note it.</param>
internal sealed record EvaluationRun(EvaluationRow Row, string Report, IReadOnlyList<DetectionOrigin> Origins);

/// <summary>Says whether two runs of an evaluation gave the same, and what differs.</summary>
internal static class RerunComparison
{
    /// <summary>Members of a report that are no numbers of the evaluation.</summary>
    private static readonly string[] NoNumbers = ["provenance", "datasetHash", "latency"];

    public static RerunDocument Of(EvaluationRun before, EvaluationRun now)
    {
        var (first, second) = (EvaluationReport.FromJson(before.Report), EvaluationReport.FromJson(now.Report));
        var identical = NumbersOf(before.Report) == NumbersOf(now.Report);
        List<RerunDifference> numbers = identical ? [] : [.. Differing(Numbers(first), Numbers(second))];
        if (!identical && numbers.Count == 0)
            numbers.Add(new("curves or counts", null, null));
        return new(before.Row.Id, identical, [.. Differing(Causes(before, first), Causes(now, second)), .. numbers]);
    }

    private static string NumbersOf(string report)
    {
        var node = JsonNode.Parse(report)!.AsObject();
        foreach (var name in NoNumbers)
            node.Remove(name);
        return node.ToJsonString();
    }

    private static IEnumerable<(string What, string? Value)> Causes(EvaluationRun run, EvaluationReport report) =>
    [
        ("model", Values(run, origin => origin.Model)),
        ("data", run.Row.DatasetHash),
        ("protocol", $"{report.Protocol} {JsonNode.Parse(run.Report)!["parameters"]!.ToJsonString()}"),
        ("preprocessing", Values(run, origin => origin.Preprocessing)),
        ("provider", Values(run, origin => origin.Provider)),
        ("runtime", Values(run, origin => origin.Runtime)),
        ("version", Values(run, origin => origin.Version)),
        ("evaluator", report.Provenance?.Version),
    ];

    // Shards of one evaluation may come from several servers.
    private static string? Values(EvaluationRun run, Func<DetectionOrigin, string> value)
        => run.Origins.Count == 0 ? null : string.Join(", ", run.Origins.Select(value).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

    private static IEnumerable<(string What, string? Value)> Numbers(EvaluationReport report) =>
    [
        .. report.StatsNames.Zip(report.Stats, (name, value) => (name, Exact(value))),
        .. report.PerCategory.SelectMany(category => ((string, string?)[])
        [
            ($"AP of {category.Name}", Exact(category.Ap)), ($"AP50 of {category.Name}", Exact(category.Ap50)), ($"AP75 of {category.Name}", Exact(category.Ap75)),
            ($"AR of {category.Name}", Exact(category.Ar)),
        ]),
    ];

    private static string? Exact(double? value) => value?.ToString("R", CultureInfo.InvariantCulture);

    private static IEnumerable<RerunDifference> Differing(IEnumerable<(string What, string? Value)> before, IEnumerable<(string What, string? Value)> now)
    {
        var (first, second) = (before.DistinctBy(entry => entry.What).ToDictionary(), now.DistinctBy(entry => entry.What).ToDictionary());
        return from what in first.Keys.Union(second.Keys)
               let pair = (Before: first.GetValueOrDefault(what), Now: second.GetValueOrDefault(what))
               where pair.Before != pair.Now
               select new RerunDifference(what, pair.Before, pair.Now);
    }
}
