using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Serve.Eval.Usb;

/// <summary>The training division that a submission qualifies for.</summary>
/// <param name="Division">Its number, such as <c>1.5</c>, or <c>Freestyle</c>.</param>
/// <param name="Missing">Results that must be reported too and are not; none where the label may be used.</param>
/// <param name="ChainEpochs">Epochs of the longest chain of trainings, by which the division is found.</param>
/// <param name="TargetEpochs">Epochs of the longest training on a target dataset.</param>
/// <param name="DivisionByTarget">The division if only those counted.</param>
/// <param name="Reasons">Why, a sentence each.</param>
/// <param name="Next">What the divisions below and above, and a complete label, would ask for; a sentence each.</param>
public sealed record UsbTrainingVerdict(
    string Division, IReadOnlyList<string> Missing, double ChainEpochs, double TargetEpochs, string DivisionByTarget, IReadOnlyList<string> Reasons, IReadOnlyList<string> Next)
{
    /// <summary><c>complete</c>, or <c>incomplete: needs …</c>.</summary>
    public string Status => Missing.Count == 0 ? "complete" : $"incomplete: needs {string.Join(", ", Missing)}";
}

/// <summary>The evaluation division that a submission qualifies for.</summary>
/// <param name="Division">Its name; null where the pixels of a model are not known.</param>
/// <param name="TestTimeAugmentation">Whether the result carries the mark of test-time augmentation.</param>
/// <param name="Pixels">The most pixels that a model sees; null where not known.</param>
/// <param name="Reasons">Why, a sentence each.</param>
/// <param name="Next">What the divisions below and above would ask for; a sentence each.</param>
public sealed record UsbEvaluationVerdict(string? Division, bool TestTimeAugmentation, long? Pixels, IReadOnlyList<string> Reasons, IReadOnlyList<string> Next);

/// <summary>What a submission qualifies for, and why not for more.</summary>
/// <param name="Training">The training division.</param>
/// <param name="Evaluation">The evaluation division.</param>
/// <param name="Results">Its numbers, and their means.</param>
/// <param name="Assumptions">What is not declared and was assumed, a sentence each.</param>
public sealed record UsbVerdict(UsbTrainingVerdict Training, UsbEvaluationVerdict Evaluation, UsbResults Results, IReadOnlyList<string> Assumptions)
{
    /// <summary>The verdict as JSON, camelCase names.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, UsbJson.Default.UsbVerdict);

    /// <summary>The verdict as lines for a terminal.</summary>
    /// <param name="rules">Names of the datasets.</param>
    public string ToText(UsbDivisions rules)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Training division: {Label(Training.Division)} ({Training.Status})").AppendLine();
        Lines(text, "", Training.Reasons);
        Lines(text, "next: ", Training.Next);
        var evaluation = Evaluation.Division is null ? "unknown" : $"{Evaluation.Division} USB{(Evaluation.TestTimeAugmentation ? ", with test-time augmentation" : "")}";
        text.Append(CultureInfo.InvariantCulture, $"Evaluation division: {evaluation}").AppendLine();
        Lines(text, "", Evaluation.Reasons);
        Lines(text, "next: ", Evaluation.Next);
        text.AppendLine("Results:").Append(Results.ToText(rules));
        if (Assumptions.Count > 0)
            text.AppendLine("Assumed:");
        Lines(text, "", Assumptions);
        return text.ToString();
    }

    /// <summary>How people write a training division.</summary>
    internal static string Label(string division) => char.IsAsciiDigit(division[0]) ? $"USB {division}" : division;

    private static void Lines(StringBuilder text, string prefix, IReadOnlyList<string> lines)
    {
        foreach (var line in lines)
            text.Append(CultureInfo.InvariantCulture, $" - {prefix}{line}").AppendLine();
    }
}
