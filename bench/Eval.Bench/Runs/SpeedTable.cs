using System.Globalization;
using System.Text.RegularExpressions;
using Serve.Eval.Bench.Load;

namespace Serve.Eval.Bench.Runs;

/// <summary>Whole processes side by side, files to numbers.</summary>
internal static partial class SpeedTable
{
    // A contestant that needs so long is as far from the others as two runs can tell.
    private const double SlowSeconds = 5;
    private const int SlowRuns = 2;

    /// <summary>Runs all contestants in turn, as often as asked, and writes a table of medians for each kind that the folder holds.</summary>
    public static void Write(TextWriter output, OwnProgram own, IReadOnlyList<Contestant> rivals, string folder, int runs)
    {
        foreach (var kind in EvaluationKind.All.Where(kind => kind.IsIn(folder)))
        {
            Contestant[] contestants = [own.Contestant, .. rivals];
            var results = contestants.Select(_ => new List<MeasuredRun>()).ToArray();
            // In turn, so that what the machine does beside hits all alike. The first round only brings the files into memory.
            own.Contestant.Run(kind, folder);
            for (var round = 0; round < runs; round++)
            {
                for (var i = 0; i < contestants.Length; i++)
                {
                    if (round < SlowRuns || results[i][0].Seconds < SlowSeconds)
                        results[i].Add(contestants[i].Run(kind, folder));
                }
            }
            Write(output, kind, contestants, results, own.AveragePrecision(kind, folder));
        }
    }

    private static void Write(TextWriter output, EvaluationKind kind, Contestant[] contestants, List<MeasuredRun>[] results, double ap)
    {
        var ours = MeasuredRun.MedianOf(results[0]);
        output.WriteLine($"| {kind.Name} | median of runs | fastest | peak memory | serve's time : its time | serve's memory : its memory | AP |");
        output.WriteLine("|---|---|---|---|---|---|---|");
        for (var i = 0; i < contestants.Length; i++)
        {
            var median = MeasuredRun.MedianOf(results[i]);
            var number = i == 0 ? Text($"{ap:F15}") : PrintedAp().Match(median.Output).Groups[1].Value;
            output.WriteLine(Text(
                $"| {contestants[i].Name} | {median.Seconds:F3} s of {results[i].Count} | {results[i].Min(run => run.Seconds):F3} s | {median.PeakMegabytes:F0} MB | {ours.Seconds / median.Seconds:F3} | {ours.PeakMegabytes / median.PeakMegabytes:F3} | {number} |"));
        }
        output.WriteLine();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^AP (\S+)", RegexOptions.Multiline)]
    private static partial Regex PrintedAp();
}
