using System.Text.Json.Nodes;

namespace Serve.Training.Runs;

/// <summary>A line of <c>metrics.jsonl</c>.</summary>
/// <param name="Event">What it tells of.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Protocol">Protocol of an evaluation; that of boxes in logs of before there were others.</param>
/// <param name="Numbers">Its numbers by name.</param>
internal sealed record MetricsLine(string Event, long Step, string Protocol, IReadOnlyDictionary<string, double> Numbers)
{
    /// <summary>Reads a line.</summary>
    public static MetricsLine Of(JsonObject line) => new(
        line["event"]!.GetValue<string>(), line["step"]!.GetValue<long>(), line["protocol"]?.GetValue<string>() ?? MetricsLog.BoxProtocol,
        line.Where(p => p.Key is not ("event" or "step" or "epoch" or "protocol")).ToDictionary(p => p.Key, p => p.Value!.GetValue<double>()));
}
