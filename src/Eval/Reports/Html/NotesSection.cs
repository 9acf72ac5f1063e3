using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>What to know when reading the numbers.</summary>
internal static class NotesSection
{
    /// <summary>The section; null where there is nothing to say.</summary>
    public static HtmlSection? Of(EvaluationReport report, EvaluationReport? baseline)
    {
        string[] notes =
        [
            .. report.Withheld.Count > 0 ? [ReportNumber.WithheldText(report)] : Array.Empty<string>(),
            .. report.StatsError is { } error ? [$"No summary: {error}."] : Array.Empty<string>(),
            .. report.Warnings, .. report.Scales?.Warnings.Except(report.Warnings) ?? [],
            .. baseline is null ? [] : BaselineChanges.Differences(report, baseline),
        ];
        if (notes.Length == 0)
            return null;
        var text = new MarkupText().Add($"""<ul class="notes">""");
        foreach (var note in notes)
            text.Add($"<li>{note}</li>");
        return new("notes", notes.Length == 1 ? "Note" : "Notes", text.Add($"</ul>").ToPiece());
    }
}
