using System.Text.Json.Nodes;

namespace Serve.Training.Recipes;

/// <summary>Figures of our own runs that anyone can make again: those of <c>bench/results/papers.jsonl</c>, which <c>bench/papers.py</c> writes.</summary>
public static class ObtainedResults
{
    // Options may have spaces in them.
    private const char Separator = '\n';

    private static readonly string[] Metrics = ["AP", "AP50", "AP75", "mask AP"];

    private static readonly Lazy<ILookup<string, ObtainedResult>> All = new(() => Read(Lines()));

    /// <summary>The figures of a recipe, one entry for all runs that differ in their seed alone; none where it was not run.</summary>
    public static IEnumerable<ObtainedResult> Of(string recipe) => All.Value[recipe];

    /// <summary>Reads the lines of a file of results.</summary>
    internal static ILookup<string, ObtainedResult> Read(IEnumerable<string> lines)
        => lines.Select(line => JsonNode.Parse(line)!).GroupBy(Run).Select(Summary).ToLookup(result => result.Recipe);

    private static (string Recipe, string Data, string Options) Run(JsonNode line)
        => (line["run"]!["recipe"]!.GetValue<string>(), line["run"]!["data"]!.GetValue<string>(), string.Join(Separator, line["run"]!["options"]!.AsArray().Select(option => option!.GetValue<string>())));

    private static ObtainedResult Summary(IGrouping<(string Recipe, string Data, string Options), JsonNode> runs) => new(
        runs.Key.Recipe, runs.Key.Data, [.. runs.Key.Options.Split(Separator)], runs.Count(),
        [
            .. Metrics.Where(metric => runs.All(run => run["metrics"]![metric] is not null))
                .Select(metric => Spread(metric, [.. runs.Select(run => 100 * run["metrics"]![metric]!.GetValue<double>())])),
        ]);

    private static ObtainedMetric Spread(string metric, IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return new(metric, mean, values.Count < 2 ? null : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }

    private static IEnumerable<string> Lines()
    {
        using var stream = typeof(ObtainedResults).Assembly.GetManifestResourceStream("papers.jsonl")
            ?? throw new InvalidOperationException("The assembly lacks papers.jsonl.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return line;
    }
}

/// <summary>What came out of runs that differ in their seed alone, on the validation split.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Data">Name of the dataset.</param>
/// <param name="Options">What was changed in the recipe, as <c>--set</c> takes it, and where it is not <c>train</c> the split (<c>--train-split=NAME</c>).</param>
/// <param name="Seeds">Number of runs.</param>
/// <param name="Metrics">The figures.</param>
public sealed record ObtainedResult(string Recipe, string Data, IReadOnlyList<string> Options, int Seeds, IReadOnlyList<ObtainedMetric> Metrics);

/// <summary>A figure.</summary>
/// <param name="Name">What was measured: <c>AP</c>.</param>
/// <param name="Mean">Mean over the runs, in points.</param>
/// <param name="Deviation">Standard deviation over the runs, in points; null for one run.</param>
public sealed record ObtainedMetric(string Name, double Mean, double? Deviation);
