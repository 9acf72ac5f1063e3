using System.Diagnostics;
using System.Globalization;

namespace Serve.Eval.Bench.Runs;

/// <summary>One run of a program, from its start to its end.</summary>
/// <param name="Seconds">Wall clock.</param>
/// <param name="PeakMegabytes">Most memory that it held at a time: resident pages, files mapped included.</param>
/// <param name="Output">What it wrote.</param>
internal sealed record MeasuredRun(double Seconds, double PeakMegabytes, string Output)
{
    // The kernel keeps the peak (VmHWM), but forgets it when the process ends; what grows in the last moment is missed.
    private const int MillisecondsBetweenLooks = 2;

    /// <summary>Runs a program and measures it.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it wrote.</exception>
    public static MeasuredRun Of(params IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        double peak = 0;
        do
            peak = Math.Max(peak, PeakOf(process.Id));
        while (!process.WaitForExit(MillisecondsBetweenLooks));
        var seconds = clock.Elapsed.TotalSeconds;
        process.WaitForExit();
        var text = output.Result + error.Result;
        return process.ExitCode == 0
            ? new(seconds, peak, text)
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}: {text}");
    }

    /// <summary>The run in the middle by time, with the peak in the middle.</summary>
    public static MeasuredRun MedianOf(IReadOnlyList<MeasuredRun> runs)
        => runs[0] with { Seconds = Median(runs.Select(run => run.Seconds)), PeakMegabytes = Median(runs.Select(run => run.PeakMegabytes)) };

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static double PeakOf(int process)
    {
        const string Label = "VmHWM:";
        try
        {
            var line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(line => line.StartsWith(Label, StringComparison.Ordinal));
            return line is null ? 0 : double.Parse(line[Label.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024 / 1e6;
        }
        catch (IOException)
        {
            // It has just ended.
            return 0;
        }
    }
}
