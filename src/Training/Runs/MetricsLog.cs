using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serve.Training.Runs;

/// <summary>
/// <c>metrics.jsonl</c>: one JSON object a line, with <c>event</c> (<c>steps</c> or <c>evaluation</c>), <c>step</c> (steps done), <c>epoch</c> and numbers.
/// </summary>
internal sealed class MetricsLog : IDisposable
{
    /// <summary>The event of losses.</summary>
    public const string Steps = "steps";

    /// <summary>The event of an evaluation on the validation split.</summary>
    public const string Evaluation = "evaluation";

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
    public void Write(string kind, long step, double epoch, IEnumerable<KeyValuePair<string, double>> numbers)
    {
        var line = new JsonObject { ["event"] = kind, ["step"] = step, ["epoch"] = epoch };
        foreach (var (name, value) in numbers)
            line[name] = value;
        _writer.WriteLine(line.ToJsonString());
    }

    /// <summary>The numbers of the evaluation after a step; null when there was none.</summary>
    public static IReadOnlyDictionary<string, double>? EvaluationAt(string path, long step)
    {
        if (!File.Exists(path))
            return null;
        var line = File.ReadLines(path).Select(Parse).LastOrDefault(line => line?["event"]?.GetValue<string>() == Evaluation && line["step"]?.GetValue<long>() == step);
        return line?.Where(p => p.Key is not ("event" or "step" or "epoch")).ToDictionary(p => p.Key, p => p.Value!.GetValue<double>());
    }

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
