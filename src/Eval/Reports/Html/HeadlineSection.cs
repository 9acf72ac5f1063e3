using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>The numbers of the summary as tiles; those by scale have a section of their own.</summary>
internal static class HeadlineSection
{
    /// <summary>The section; null without a summary.</summary>
    public static HtmlSection? Of(EvaluationReport report, EvaluationReport? baseline)
    {
        var numbers = ReportNumber.Of(report).Where(number => !ScaleSection.Holds(report, number)).ToList();
        if (numbers.Count == 0)
            return null;
        var before = baseline is null ? null : ReportNumber.Of(baseline);
        var text = new MarkupText();
        foreach (var group in numbers.GroupBy(number => number.Metric?.Measure == "recall" ? "Average recall" : "Average precision"))
        {
            text.Add($"""<h3>{group.Key}</h3><dl class="tiles">""");
            foreach (var number in group)
                AddTile(text, report, number, before?.FirstOrDefault(other => other.Name == number.Name)?.Value, isFirst: ReferenceEquals(number, numbers[0]));
            text.Add($"</dl>");
        }
        if (report.Intervals is { } intervals)
        {
            text.Add($"""<p class="note">Ranges are {intervals.Options.Level * 100}% intervals from {intervals.Options.Resamples:N0} bootstrap resamples of the {intervals.Images:N0} images. """);
            text.Add($"Two results on the same images are compared with <code>serve compare</code>, not by whether their ranges overlap.</p>");
        }
        return new("numbers", "Numbers", text.ToPiece());
    }

    private static void AddTile(MarkupText text, EvaluationReport report, ReportNumber number, double? before, bool isFirst)
    {
        text.Add($"""<div class="{(isFirst ? "tile first" : "tile")}"><dt>{number.Name}</dt><dd><strong>{ReportNumber.Short(number.Value)}</strong>""");
        if (number.Value is { } value && before is { } old)
        {
            var change = ReportNumber.Change(value - old);
            text.Add($"""<span class="change {(change[0] switch { '+' => "up", '−' => "down", _ => "same" })}" title="before: {ReportNumber.Short(old)}">{change}</span>""");
        }
        if (number.Value is { } length)
        {
            var (lower, upper) = number.Ends ?? (length, length);
            if (number.Ends is not null)
                text.Add($"""<span class="ends">{ReportNumber.Short(lower)} to {ReportNumber.Short(upper)}</span>""");
            text.Add($"""<span class="track" style="--v:{length:0.####};--l:{lower:0.####};--u:{upper:0.####}" aria-hidden="true"><i></i><b></b></span>""");
        }
        text.Add($"<small>{number.Meaning(report.Parameters)}</small></dd></div>");
    }
}
