using System.Reflection;

namespace Serve.Eval.Reports;

/// <summary>
/// Where a report comes from. The evaluator fills in its version; the rest is known to whoever calls it, and null where it was not told: a library has no clock,
/// and sees tables instead of files.
/// </summary>
public sealed record ProvenanceReport
{
    /// <summary>The evaluator.</summary>
    public string Program { get; init; } = "Serve.Eval";

    /// <summary>Its version.</summary>
    public required string Version { get; init; }

    /// <summary>When the report was made.</summary>
    public DateTimeOffset? Date { get; init; }

    /// <summary>Name of the dataset or of its annotation file.</summary>
    public string? GroundTruth { get; init; }

    /// <summary>Name of the file with the detections.</summary>
    public string? Detections { get; init; }

    /// <summary>Name of the model that made the detections.</summary>
    public string? Model { get; init; }

    /// <summary>What made the detections: one entry, or several where servers that differ took part. Null where it was not told, as of detections that came as a file.</summary>
    public IReadOnlyList<DetectionOrigin>? Origins { get; init; }

    /// <summary>The command that makes the report again.</summary>
    public string? Command { get; init; }

    /// <summary>The version of this library.</summary>
    internal static string ThisVersion { get; } = typeof(ProvenanceReport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion.Split('+')[0];
}
