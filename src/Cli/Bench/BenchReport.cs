using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Serve.Cli.Bench;

/// <summary>What a benchmark found.</summary>
/// <param name="Command">The command line.</param>
/// <param name="Target">Where pictures were posted.</param>
/// <param name="Cores">Logical cores of the machine that sent the load.</param>
/// <param name="Runtime">Its .NET.</param>
/// <param name="Pictures">Number of picture files.</param>
/// <param name="PictureBytes">Their bytes together.</param>
/// <param name="Runs">The runs.</param>
/// <param name="Figure">The scenario's figure; null without a scenario.</param>
internal sealed record BenchReport(
    string Command, string Target, int Cores, string Runtime, int Pictures, long PictureBytes, IReadOnlyList<LoadResult> Runs, string? Figure)
{
    private const double Megabyte = 1e6;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static BenchReport Of(string command, Uri target, int pictures, long pictureBytes, IReadOnlyList<LoadResult> runs, string? figure)
        => new(command, target.ToString(), Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, pictures, pictureBytes, runs, figure);

    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";

    /// <summary>Two tables in Markdown: what clients saw, and where the time and the machine went.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(Invariant($"{Target}, {Pictures} pictures of {PictureBytes / 1e3 / Pictures:0} kB on average, {Cores} cores"));
        text.AppendLine();
        text.AppendLine("| load | images/s | p50 ms | p90 | p95 | p99 | p99.9 | max | errors |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|");
        foreach (var run in Runs)
        {
            var latency = run.Latency;
            text.AppendLine(Invariant(
                $"| {run.Load} | {run.ImagesPerSecond:0.0} | {latency?.P50:0.00} | {latency?.P90:0.00} | {latency?.P95:0.00} | {latency?.P99:0.00} | {latency?.P999:0.00} | {latency?.Max:0.0} | {Errors(run)} |"));
        }

        text.AppendLine();
        text.AppendLine("| load | decode ms | queue | preprocess | infer | postprocess | server total | server cores | client cores | memory MB, start → end (peak) | allocated kB/image |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var run in Runs)
        {
            var (stages, use) = (run.Stages, run.Use);
            text.AppendLine(Invariant(
                $"| {run.Load} | {stages?.Decode:0.00} | {stages?.Queue:0.00} | {stages?.Preprocess:0.00} | {stages?.Infer:0.00} | {stages?.Postprocess:0.00} | {stages?.Total:0.00} | {use.ServerCores:0.00} | {use.ClientCores:0.00} | {use.MemoryAtStart / Megabyte:0} → {use.MemoryAtEnd / Megabyte:0} ({use.PeakMemory / Megabyte:0}) | {use.AllocatedBytesPerImage / 1e3:0.0} |"));
        }

        if (Figure is not null)
            text.AppendLine().AppendLine(Figure);
        return text.ToString();
    }

    private static string Errors(LoadResult run)
        => run.Errors.Count == 0 ? "0" : string.Join(", ", run.Errors.Select(error => $"{error.Value} x {error.Key}"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
