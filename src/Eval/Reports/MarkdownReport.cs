using System.Globalization;
using System.Text;
using Serve.Eval.Errors;
using Serve.Eval.Usb;

namespace Serve.Eval.Reports;

/// <summary>Writes a report for a pull request: the numbers at a glance, what changed since a baseline, and the rest folded.</summary>
internal static class MarkdownReport
{
    private const int HashLength = 12;

    /// <summary>The Markdown, in GitHub's flavour; lines end in LF.</summary>
    public static string Of(EvaluationReport report, EvaluationReport? baseline)
    {
        var text = new StringBuilder();
        var numbers = ReportNumber.Of(report);
        AppendHead(text, report, numbers);
        if (report.StatsError is { } error)
            Line(text, $"No summary: {Escape(error)}.").Append('\n');
        AppendNumbers(text, report, numbers, baseline);
        string[] notes = [.. report.Withheld.Count > 0 ? [ReportNumber.WithheldText(report)] : Array.Empty<string>(), .. report.Warnings, .. baseline is null ? [] : BaselineChanges.Differences(report, baseline)];
        foreach (var note in notes)
            Line(text, $"> **Note** {Escape(note)}").Append('\n');
        if (baseline is not null)
            AppendChanged(text, report, baseline);
        AppendCategories(text, report, baseline);
        if (report.Scales is { } scales)
            AppendScales(text, scales);
        if (report.Errors is { } errors)
            AppendErrors(text, errors);
        if (report.Provenance?.Command is { } command)
            Line(text, $"<details><summary>How to reproduce</summary>\n\n    {command.ReplaceLineEndings(" ")}\n\n</details>");
        return text.ToString();
    }

    private static void AppendHead(StringBuilder text, EvaluationReport report, IReadOnlyList<ReportNumber> numbers)
    {
        var subject = report.Provenance?.Model ?? report.Provenance?.Detections;
        var head = numbers.Count == 0 ? "" : $": {Escape(numbers[0].Name)} {ReportNumber.Short(numbers[0].Value)}{Ends(numbers[0], " ({0} to {1})")}";
        Line(text, $"### {Escape(report.Protocol)}{head}").Append('\n');
        if (subject is not null)
            text.Append('`').Append(subject.Replace('`', '\'').ReplaceLineEndings(" ")).Append("` on ");
        var dataset = report.Provenance?.GroundTruth is { } name ? $"`{name.Replace('`', '\'').ReplaceLineEndings(" ")}`: " : "";
        Line(text, $"{dataset}{report.Images} images{ReportNumber.Counts(report)}; annotations `{report.DatasetHash[..Math.Min(HashLength, report.DatasetHash.Length)]}`.");
        text.Append('\n');
    }

    private static void AppendNumbers(StringBuilder text, EvaluationReport report, IReadOnlyList<ReportNumber> numbers, EvaluationReport? baseline)
    {
        if (numbers.Count == 0)
            return;
        var level = report.Intervals?.Options.Level;
        text.Append("| number | value |").Append(level is null ? "" : ReportNumber.Text($" {level * 100:0.##}% interval |")).Append(baseline is null ? "\n" : " before | change |\n");
        text.Append("|---|--:|").Append(level is null ? "" : ":-:|").Append(baseline is null ? "\n" : "--:|--:|\n");
        var before = baseline is null ? null : ReportNumber.Of(baseline);
        foreach (var number in numbers)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Escape(number.Name)} | {ReportNumber.Short(number.Value)} |");
            if (level is not null)
                text.Append(CultureInfo.InvariantCulture, $" {Ends(number, "{0} to {1}")} |");
            if (before?.FirstOrDefault(other => other.Name == number.Name) is var old && baseline is not null)
                text.Append(CultureInfo.InvariantCulture, $" {ReportNumber.Short(old?.Value)} | {BaselineChanges.Text(number.Value, old?.Value)} |");
            text.Append('\n');
        }
        text.Append('\n');
    }

    private static void AppendChanged(StringBuilder text, EvaluationReport report, EvaluationReport baseline)
    {
        var changes = BaselineChanges.Largest(report, baseline);
        if (changes.Count == 0)
            return;
        text.Append("Categories that changed most (AP): ");
        Line(text, $"{string.Join(", ", changes.Select(change => $"{Escape(change.Name)} {ReportNumber.Change(change.Change)}"))}.").Append('\n');
    }

    private static void AppendCategories(StringBuilder text, EvaluationReport report, EvaluationReport? baseline)
    {
        if (report.PerCategory.Count == 0)
            return;
        var before = baseline?.PerCategory.DistinctBy(category => category.Id).ToDictionary(category => category.Id);
        Line(text, $"<details><summary>{report.PerCategory.Count} {(report.PerCategory.Count == 1 ? "category" : "categories")}</summary>").Append('\n');
        text.Append("| category | objects | AP | AP50 | AP75 | AR |").Append(before is null ? "\n" : " change of AP |\n");
        text.Append("|---|--:|--:|--:|--:|--:|").Append(before is null ? "\n" : "--:|\n");
        foreach (var c in report.PerCategory)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {Escape(c.Name)} | {c.Objects} | {ReportNumber.Short(c.Ap)} | {ReportNumber.Short(c.Ap50)} | {ReportNumber.Short(c.Ap75)} | {ReportNumber.Short(c.Ar)} |");
            if (before is not null)
                text.Append(CultureInfo.InvariantCulture, $" {BaselineChanges.Text(c.Ap, before.GetValueOrDefault(c.Id)?.Ap)} |");
            text.Append('\n');
        }
        text.Append("\n</details>\n\n");
    }

    private static void AppendScales(StringBuilder text, UsbScaleReport scales)
    {
        text.Append("<details><summary>By scale</summary>\n\n");
        Line(text, $"{string.Join(", ", scales.Overall.Select(number => $"{number.Name} {ReportNumber.Short(number.Value)}"))}.");
        foreach (var measure in scales.Measures)
        {
            Line(text, $"\n| {Escape(measure.Name)} | AP | AR |\n|---|--:|--:|");
            foreach (var bin in measure.Bins)
                Line(text, $"| {Escape(bin.Name)} | {ReportNumber.Short(bin.Ap)} | {ReportNumber.Short(bin.Ar)} |");
        }
        text.Append("\n| category | AP70 |\n|---|--:|\n");
        foreach (var category in scales.PerCategory)
            Line(text, $"| {Escape(category.Name)} | {ReportNumber.Short(category.Ap70)} |");
        text.Append("\n</details>\n\n");
    }

    private static void AppendErrors(StringBuilder text, ErrorReport errors)
    {
        Line(text, $"<details><summary>Errors at IoU {errors.IouThreshold:0.0##}</summary>").Append('\n');
        text.Append("| error | what it is | points of AP lost | count |\n|---|---|--:|--:|\n");
        foreach (var share in errors.Breakdown.Errors)
            Line(text, $"| {share.Error} | {ErrorWords.Of(share.Error)} | {share.Gain:0.00} | {share.Count} |");
        if (errors.Overall.Best is { } best)
            Line(text, $"\nHighest F1 {best.F1:0.000} at score {best.Threshold:0.000}: precision {best.Precision:0.000}, recall {best.Recall:0.000}.");
        text.Append("\n</details>\n\n");
    }

    private static string Ends(ReportNumber number, string format)
        => number.Ends is { } ends ? string.Format(CultureInfo.InvariantCulture, format, ReportNumber.Short(ends.Lower), ReportNumber.Short(ends.Upper)) : format.StartsWith(' ') ? "" : "–";

    private static StringBuilder Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    /// <summary>A text as it stands in a table or a paragraph: nothing in it is Markdown or HTML.</summary>
    private static string Escape(string content)
    {
        var escaped = new StringBuilder(content.Length);
        foreach (var letter in content)
        {
            _ = letter switch
            {
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                '\\' or '|' or '`' or '*' or '_' or '[' or ']' or '~' or '#' or '$' => escaped.Append('\\').Append(letter),
                _ when char.IsControl(letter) => escaped.Append(' '),
                _ => escaped.Append(letter),
            };
        }
        return escaped.ToString();
    }
}
