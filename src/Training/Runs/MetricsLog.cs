using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serve.Training.Runs;

/// <summary>
/// <c>metrics.jsonl</c>: one JSON object a line, with <c>event</c>, <c>step</c> (steps done), <c>epoch</c> and numbers; those of an evaluation have their <c>protocol</c>.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    /// <summary>The event of losses, the gradient's norm, the learning rate and images a second.</summary>
    public const string Steps = "steps";

    /// <summary>The event of an evaluation on the validation split.</summary>
    public const string Evaluation = "evaluation";

    /// <summary>The event of AP by category, by the names of categories, of the same validation.</summary>
    public const string Categories = "categories";

    /// <summary>The event of times: milliseconds of each stage of a step (<see cref="StepTimes"/>), or of an evaluation.</summary>
    public const string Stages = "stages";

    /// <summary>The event of what the training has looked at since its first step (<see cref="SamplesSeen"/>).</summary>
    public const string Samples = "samples";

    /// <summary>The protocol of evaluations by boxes.</summary>
    public const string BoxProtocol = "coco-bbox";

    /// <summary>The protocol of evaluations by masks.</summary>
    public const string MaskProtocol = "coco-segm";

    private readonly StreamWriter _writer;

    private MetricsLog(StreamWriter writer) => _writer = writer;

    /// <summary>Opens the log to continue after a step: later lines, which a killed session left behind, are taken out.</summary>
    public static MetricsLog Open(string path, long step)
    {
        if (File.Exists(path))
        {
            var temporary = path + ".partial";
            File.WriteAllLines(temporary, File.ReadLines(path).TakeWhile(line => Parse(line)?["step"]?.GetValue<long>() <= step));
            File.Move(temporary, path, overwrite: true);
        }

        return new(new StreamWriter(path, append: true) { AutoFlush = true });
    }

    /// <summary>Adds a line.</summary>
    public void Write(string kind, long step, double epoch, IEnumerable<KeyValuePair<string, double>> numbers, string? protocol = null)
    {
        var line = new JsonObject { ["event"] = kind, ["step"] = step, ["epoch"] = epoch };
        if (protocol is not null)
            line["protocol"] = protocol;
        foreach (var (name, value) in numbers)
            line[name] = value;
        _writer.WriteLine(line.ToJsonString());
    }

    /// <summary>The numbers of the evaluation after a step; null when there was none.</summary>
    public static IReadOnlyDictionary<string, double>? EvaluationAt(string path, long step, string protocol = BoxProtocol)
        => Read(path).LastOrDefault(line => line.Event == Evaluation && line.Step == step && line.Protocol == protocol)?.Numbers;

    /// <summary>The lines of a log in their order; none where there is no log.</summary>
    public static IEnumerable<MetricsLine> Read(string path) => File.Exists(path) ? File.ReadLines(path).Select(Parse).OfType<JsonObject>().Select(MetricsLine.Of) : [];

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static JsonObject? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line)?.AsObject();
        }
        catch (JsonException)
        {
            return null;    // half a line: the session was killed while it wrote, or is writing now
        }
    }
}
