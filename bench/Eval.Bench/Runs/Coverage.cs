using System.Globalization;
using Serve.Eval.Bench.Load;
using Serve.Eval.Datasets;
using Serve.Eval.Statistics;

namespace Serve.Eval.Bench.Runs;

/// <summary>
/// How often intervals hold what they should: evaluations of random parts of a dataset, each with its intervals, against what all parts give on average, and
/// against the whole dataset.
/// </summary>
internal static class Coverage
{
    private static readonly string[] Names = ["AP", "AP50", "APs", "AR@100"];

    /// <summary>Writes a table: a row for each number of images and each number of the summary.</summary>
    public static async Task WriteAsync(TextWriter output, string folder, EvaluationKind kind, int[] sizes, int runs, CancellationToken ct)
    {
        var (truth, detections) = kind.FilesIn(folder);
        var dataset = await CocoDatasetReader.ReadAsync(truth, kind.Protocol.Parts, ct: ct);
        var table = await CocoResults.ReadAsync(detections, kind.Protocol.Parts, ct: ct);
        var whole = Evaluator.Evaluate(dataset, table, kind.Protocol, ct: ct);
        var names = Names.Where(name => whole.Summary.Any(number => number.Name == name)).ToArray();
        output.WriteLine($"{kind.Name}, {runs} parts; covered: the mean of parts as large (and the whole of {whole.Matches.Input.ImageIds.Length} images)");
        output.WriteLine();
        output.WriteLine("| images | number | whole | mean | deviation | standard error | bias | centred | percentile | bca |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
        foreach (var size in sizes)
        {
            var parts = new List<BootstrapResult>();
            for (var run = 0; run < runs; run++)
            {
                var images = (long[])whole.Matches.Input.ImageIds.Clone();
                new SplitMix64(size, run).Shuffle<long>(images);
                var part = Evaluator.Evaluate(dataset, table, kind.Protocol with { ImageIds = images[..size] }, ct: ct);
                parts.Add(Bootstrap.Run(part, new() { Seed = run }, ct: ct));
            }
            foreach (var name in names)
                WriteRow(output, size, whole[name]!.Value, [.. parts.Select(part => part[name])]);
        }
        output.WriteLine();
    }

    private static void WriteRow(TextWriter output, int size, double whole, Estimate[] parts)
    {
        var mean = parts.Average(part => part.Value!.Value);
        var deviation = Math.Sqrt(parts.Average(part => (part.Value!.Value - mean) * (part.Value!.Value - mean)));
        string Covered(Func<Estimate, Interval> interval)
        {
            double Share(double number) => parts.Average(part => interval(part).Lower <= number && number <= interval(part).Upper ? 1.0 : 0.0);
            return string.Create(CultureInfo.InvariantCulture, $"{Share(mean):0 %} ({Share(whole):0 %})");
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {size} | {parts[0].Name} | {whole:0.000} | {mean:0.000} | {deviation:0.0000} | {parts.Average(part => part.StandardError!.Value):0.0000} | {parts.Average(part => part.Bias!.Value):+0.0000;-0.0000;0.0000} | {Covered(part => part.Interval!)} | {Covered(part => part.Percentile!)} | {Covered(part => part.Bca ?? part.Percentile!)} |"));
    }
}
