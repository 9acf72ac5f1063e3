using System.Diagnostics;
using System.Globalization;
using Serve.Eval.Bench.Load;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Reports;

namespace Serve.Eval.Bench.Runs;

/// <summary>Where the time of an evaluation goes. Each run is a process of its own: memory that was used before is faster.</summary>
internal static class Phases
{
    private static readonly string[] Names = ["read", "index", "match", "accumulate", "report"];

    /// <summary>Writes a table: a row for each kind that the folder holds and each number of cores, medians in milliseconds.</summary>
    public static void Write(TextWriter output, OwnProgram own, string folder, int runs)
    {
        output.WriteLine($"| kind, cores | {string.Join(" | ", Names)} | start, end | whole process |");
        output.WriteLine($"|---|{string.Concat(Names.Select(_ => "---|"))}---|---|");
        foreach (var kind in EvaluationKind.All.Where(kind => kind.IsIn(folder)))
        {
            for (var cores = 1; cores <= Environment.ProcessorCount; cores = cores < Environment.ProcessorCount ? Math.Min(2 * cores, Environment.ProcessorCount) : cores + 1)
            {
                var (times, whole) = (new List<double[]>(), new List<double>());
                for (var run = 0; run < runs; run++)
                {
                    var phases = MeasuredRun.Of("taskset", "--cpu-list", $"0-{cores - 1}", Environment.ProcessPath!, "phase", folder, kind.Name);
                    times.Add([.. phases.Output.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => double.Parse(text, CultureInfo.InvariantCulture))]);
                    whole.Add(1e3 * own.On(cores).Run(kind, folder).Seconds);
                }
                var medians = Names.Select((_, i) => MeasuredRun.Median(times.Select(time => time[i]))).ToArray();
                var total = MeasuredRun.Median(whole);
                double[] columns = [.. medians, total - medians.Sum(), total];
                output.WriteLine($"| {kind.Name}, {cores} | {string.Join(" | ", columns.Select(column => column.ToString("F0", CultureInfo.InvariantCulture)))} |");
            }
        }
        output.WriteLine();
    }

    /// <summary>One run in this process; writes the milliseconds of each phase.</summary>
    public static async Task RunAsync(TextWriter output, string folder, EvaluationKind kind, CancellationToken ct)
    {
        var (protocol, threads) = (kind.Protocol, Environment.ProcessorCount);
        var (truth, detections) = kind.FilesIn(folder);
        var clock = Stopwatch.StartNew();
        var marks = new List<double> { 0 };
        void Mark() => marks.Add(clock.Elapsed.TotalMilliseconds);

        // One file after the other, each on all cores, as the command reads them.
        var dataset = await CocoDatasetReader.ReadAsync(truth, protocol.Parts, hash: false, ct: ct);
        var found = await CocoResults.ReadAsync(detections, protocol.Parts, ct: ct);
        Mark();
        var input = protocol.Prepare(dataset, found, new Warnings(), threads, ct);
        Mark();
        var matches = Matching.Match(input, threads, ct);
        Mark();
        var evaluation = Evaluator.Evaluate(matches, dataset, protocol, threads, ct);
        Mark();
        _ = EvaluationReport.From(evaluation, dataset).ToText();
        Mark();
        output.WriteLine(string.Join(' ', marks.Skip(1).Select((mark, i) => (mark - marks[i]).ToString("F2", CultureInfo.InvariantCulture))));
    }
}
