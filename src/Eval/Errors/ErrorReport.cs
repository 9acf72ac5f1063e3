using System.Text.Json;
using Serve.Eval.Json;

namespace Serve.Eval.Errors;

/// <summary>Everything that an error analysis gives. It tells about single images and objects: not for others where annotations are private.</summary>
public sealed record ErrorReport
{
    /// <summary>Name of the protocol that was evaluated.</summary>
    public required string Protocol { get; init; }

    /// <summary>Overlap from which a detection has found an object.</summary>
    public required double IouThreshold { get; init; }

    /// <summary>Score from which detections count in <see cref="Confusion"/>, <see cref="Images"/> and <see cref="ScoreCurve.Chosen"/>.</summary>
    public required double ScoreThreshold { get; init; }

    /// <summary>What each kind of error costs.</summary>
    public required TideBreakdown Breakdown { get; init; }

    /// <summary>What objects are taken for.</summary>
    public required ConfusionMatrix Confusion { get; init; }

    /// <summary>Precision, recall and F1 by score over all detections (micro).</summary>
    public required ScoreCurve Overall { get; init; }

    /// <summary>The same by category, by rising id.</summary>
    public required IReadOnlyList<ScoreCurve> Categories { get; init; }

    /// <summary>Every evaluated image, by rising id.</summary>
    public required IReadOnlyList<ImageErrors> Images { get; init; }

    /// <summary>Which images <see cref="Worst"/> holds.</summary>
    public required ImageOrder WorstBy { get; init; }

    /// <summary>The worst images, worst first; images without an error are none of them.</summary>
    public required IReadOnlyList<ImageErrors> Worst { get; init; }

    /// <summary>The report as JSON: full precision, camelCase names, kinds of errors and orders by name.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ErrorJson.Default.ErrorReport);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The text is no such report.</exception>
    public static ErrorReport FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ErrorJson.Default.ErrorReport)
                ?? throw new InvalidInputException("The error report is null; it must be an object as an error analysis writes it.");
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"The error report is not one that an error analysis writes: {SyntaxReason.Shortened(fault.Message)}", fault);
        }
    }

    /// <summary>The report as tables for a terminal.</summary>
    public string ToText() => ErrorText.Of(this);
}
