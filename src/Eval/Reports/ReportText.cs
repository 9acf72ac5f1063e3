using System.Globalization;
using System.Text;

namespace Serve.Eval.Reports;

/// <summary>Writes a report as the lines that users of the reference know, and a table of categories.</summary>
internal static class ReportText
{
    private const int NumberWidth = 7;
    private const int SmallestAreaWidth = 6;
    // As the reference writes "no ground truth".
    private const double None = -1;

    /// <summary>The lines, each ended.</summary>
    public static string Of(EvaluationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Protocol}: {report.Images} images{ReportNumber.Counts(report)}").AppendLine();
        if (report.StatsError is not null)
            text.Append(CultureInfo.InvariantCulture, $" No summary: {report.StatsError}.").AppendLine();
        var numbers = ReportNumber.Of(report);
        var areaWidth = numbers.Select(number => number.Metric?.AreaRange?.Length ?? 0).Append(SmallestAreaWidth).Max();
        foreach (var number in numbers)
            AppendLine(text, report.Parameters, numbers, number, areaWidth);
        if (report.Intervals is { Options: var options })
            text.Append(CultureInfo.InvariantCulture, $" Ranges: {options.Level * 100:0.##}% {ReportNumber.Method(options.Method)} intervals of {options.Resamples} resamples, seed {options.Seed}.").AppendLine();
        foreach (var warning in report.Warnings)
            text.Append(CultureInfo.InvariantCulture, $" Note: {warning}").AppendLine();
        AppendCategories(text, report.PerCategory);
        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, ParameterReport parameters, IReadOnlyList<ReportNumber> numbers, ReportNumber number, int areaWidth)
    {
        var range = number.Ends is { } ends ? FormattableString.Invariant($" [{ends.Lower:0.000}, {ends.Upper:0.000}]") : "";
        var value = (number.Value ?? None).ToString("0.000", CultureInfo.InvariantCulture) + range;
        if (number.Metric is not { AreaRange: { } area } metric)
        {
            text.Append(CultureInfo.InvariantCulture, $" {number.Name,-60} = {value}").AppendLine();
            return;
        }
        var name = metric.Measure == "precision" ? "Average Precision  (AP)" : "Average Recall     (AR)";
        var overlap = ReportNumber.Overlap(metric.IouThreshold, parameters);
        var limit = metric.MaxDetections == int.MaxValue ? "all" : $"{metric.MaxDetections}";
        // A number that the other properties do not tell apart, such as that of rare categories, is told by its name.
        var alike = metric with { Name = "" };
        var more = numbers.Count(other => other.Metric is { } second && second with { Name = "" } == alike) > 1 ? $" ({number.Name})" : "";
        text.Append(CultureInfo.InvariantCulture, $" {name} @[ IoU={overlap,-9} | area={area.PadLeft(areaWidth)} | maxDets={limit,3} ] = {value}{more}").AppendLine();
    }

    private static void AppendCategories(StringBuilder text, IReadOnlyList<CategoryReport> categories)
    {
        if (categories.Count == 0)
            return;
        var width = Math.Max("category".Length, categories.Max(c => c.Name.Length));
        text.AppendLine().Append(' ').Append("category".PadRight(width));
        foreach (var heading in (string[])["AP", "AP50", "AP75", "AR"])
            text.Append(heading.PadLeft(NumberWidth));
        text.AppendLine();
        foreach (var category in categories)
        {
            text.Append(' ').Append(category.Name.PadRight(width));
            foreach (var number in (double?[])[category.Ap, category.Ap50, category.Ap75, category.Ar])
                text.Append((number?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-").PadLeft(NumberWidth));
            text.AppendLine();
        }
    }
}
