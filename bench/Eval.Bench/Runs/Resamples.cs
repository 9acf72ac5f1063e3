using System.Diagnostics;
using System.Globalization;
using Serve.Eval.Bench.Load;
using Serve.Eval.Datasets;
using Serve.Eval.Statistics;

namespace Serve.Eval.Bench.Runs;

/// <summary>What intervals and comparisons cost, once everything is matched.</summary>
internal static class Resamples
{
    /// <summary>Writes a table: a row for each number of threads, medians.</summary>
    public static async Task WriteAsync(TextWriter output, string folder, EvaluationKind kind, int runs, CancellationToken ct)
    {
        var (truth, detections) = kind.FilesIn(folder);
        var dataset = await CocoDatasetReader.ReadAsync(truth, kind.Protocol.Parts, ct: ct);
        var evaluation = Evaluator.Evaluate(dataset, await CocoResults.ReadAsync(detections, kind.Protocol.Parts, ct: ct), kind.Protocol, ct: ct);
        var (images, count) = (evaluation.Matches.Input.ImageIds.Length, evaluation.Matches.Input.Scores.Length);
        NamedResult[] pair = [new("first", evaluation), new("second", evaluation)];
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind.Name}: {images} images, {count} detections, 1000 resamples"));
        output.WriteLine();
        output.WriteLine("| threads | plan | resamples | ns a detection and resample | intervals | compare two | memory added |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        for (var threads = 1; threads <= Environment.ProcessorCount; threads *= 2)
        {
            var options = new StatisticsOptions { Threads = threads };
            var draws = new BootstrapDraws(images, options.Resamples, options.Seed);
            var before = GC.GetTotalMemory(forceFullCollection: true);
            ResamplePlan Plan() => ResamplePlan.Of([evaluation.Matches], evaluation.Curves, evaluation.Metrics, draws.Highest(threads, ct), threads, ct);
            var plan = Plan();
            var added = GC.GetTotalMemory(forceFullCollection: true) - before;
            var planning = Seconds(runs, () => Plan());
            var resampling = Seconds(runs, () => Resampling.Run(plan, draws, threads, new(draws.Count, null), ct));
            var intervals = Seconds(runs, () => Bootstrap.Run(evaluation, options, ct: ct));
            var comparison = Seconds(runs, () => PairedComparison.Run(pair, options, ct: ct));
            GC.KeepAlive(plan);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {threads} | {planning:0.00} s | {resampling:0.00} s | {resampling * 1e9 / options.Resamples / count:0.00} | {intervals:0.00} s | {comparison:0.00} s | {added / 1e6:0} MB |"));
        }
        output.WriteLine();
    }

    private static double Seconds<T>(int runs, Func<T> work)
    {
        var times = new List<double>();
        // The first is for warming up.
        for (var run = 0; run <= runs; run++)
        {
            var clock = Stopwatch.StartNew();
            _ = work();
            times.Add(clock.Elapsed.TotalSeconds);
        }
        return MeasuredRun.Median(times.Skip(1));
    }
}
