using System.Text.Json;
using Serve.Eval.Bench.Load;

namespace Serve.Eval.Bench.Runs;

/// <summary><c>serve evaluate</c>, as a user starts it.</summary>
/// <param name="Script">Path of the script <c>serve</c>.</param>
internal sealed record OwnProgram(string Script)
{
    /// <summary>The command as one of the contestants.</summary>
    public Contestant Contestant => new("serve evaluate", [Script, "evaluate", "--truth", "{truth}", "--detections", "{detections}", "--protocol", "{protocol}"]);

    /// <summary>The command on the first so many cores only.</summary>
    public Contestant On(int cores) => Contestant with { Command = ["taskset", "--cpu-list", $"0-{cores - 1}", .. Contestant.Command] };

    /// <summary>AP in full precision, from the report.</summary>
    public double AveragePrecision(EvaluationKind kind, string folder)
    {
        var report = Path.GetTempFileName();
        try
        {
            (Contestant with { Command = [.. Contestant.Command, "--json", report] }).Run(kind, folder);
            using var document = JsonDocument.Parse(File.ReadAllText(report));
            return document.RootElement.GetProperty("stats")[0].GetDouble();
        }
        finally
        {
            File.Delete(report);
        }
    }
}
