namespace Serve.Api.Jobs;

/// <summary>The processor of this machine.</summary>
internal static class Processor
{
    private const string Field = "model name";

    private static readonly Lazy<string> Known = new(() => $"{ModelName() ?? "processor"}, {Environment.ProcessorCount} {(Environment.ProcessorCount == 1 ? "core" : "cores")}");

    /// <summary>Its name where the system tells it, and the cores that this process may use.</summary>
    public static string Name => Known.Value;

    private static string? ModelName()
    {
        const string file = "/proc/cpuinfo";
        if (!File.Exists(file))
            return null;
        var line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
