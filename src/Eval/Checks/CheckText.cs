using System.Globalization;
using System.Text;

namespace Serve.Eval.Checks;

/// <summary>Writes what a check found as lines for a person: the kinds by severity, with counts and the first few places.</summary>
internal static class CheckText
{
    private static readonly (Severity Severity, string Title)[] Parts = [(Severity.Error, "errors"), (Severity.Warning, "warnings"), (Severity.Information, "information")];

    /// <summary>The lines, each ended.</summary>
    public static string Of(CheckReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Path} ({report.Format})").AppendLine();
        foreach (var split in report.Splits)
            text.Append(CultureInfo.InvariantCulture, $"  {split.Name}: {split.Images} images, {split.Objects} objects, {split.Categories} categories").AppendLine();
        foreach (var (severity, title) in Parts)
            Append(text, title, report.CountOf(severity), [.. report.Findings.Where(finding => finding.Kind.Severity == severity)]);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string title, long count, IReadOnlyList<CheckFinding> findings)
    {
        text.AppendLine().Append(CultureInfo.InvariantCulture, $"{title}: {(count == 0 ? "none" : count)}").AppendLine();
        foreach (var finding in findings)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {finding.Kind.Code}, {finding.Count} time{(finding.Count == 1 ? "" : "s")}: {finding.Kind.Title}").AppendLine();
            foreach (var example in finding.Examples)
                text.Append(CultureInfo.InvariantCulture, $"    {example.Place.File}: {example.Sentence}").AppendLine();
            if (finding.Count > finding.Examples.Count)
                text.Append(CultureInfo.InvariantCulture, $"    … and {finding.Count - finding.Examples.Count} more").AppendLine();
        }
    }
}
