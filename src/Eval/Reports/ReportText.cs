using System.Globalization;
using System.Text;

namespace Serve.Eval.Reports;

/// <summary>Writes a report as the lines that users of the reference know, and a table of categories.</summary>
internal static class ReportText
{
    private const int NumberWidth = 7;

    // Which limit each of the twelve lines is read at: AP at exactly 100, then the first, second and third.
    private static readonly (string Metric, string Iou, string Area)[] Lines =
    [
        ("Average Precision  (AP)", "", "all"),
        ("Average Precision  (AP)", "0.50", "all"),
        ("Average Precision  (AP)", "0.75", "all"),
        ("Average Precision  (AP)", "", "small"),
        ("Average Precision  (AP)", "", "medium"),
        ("Average Precision  (AP)", "", "large"),
        ("Average Recall     (AR)", "", "all"),
        ("Average Recall     (AR)", "", "all"),
        ("Average Recall     (AR)", "", "all"),
        ("Average Recall     (AR)", "", "small"),
        ("Average Recall     (AR)", "", "medium"),
        ("Average Recall     (AR)", "", "large"),
    ];

    /// <summary>The lines, each ended.</summary>
    public static string Of(EvaluationReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Protocol}: {report.Images} images, {report.GroundTruths} objects, {report.Detections} detections").AppendLine();
        if (report.StatsError is not null)
            text.Append(CultureInfo.InvariantCulture, $" No summary: {report.StatsError}.").AppendLine();
        for (var i = 0; i < report.Stats.Count; i++)
            AppendLine(text, report, i);
        AppendCategories(text, report.PerCategory);
        return text.ToString();
    }

    private static void AppendLine(StringBuilder text, EvaluationReport report, int line)
    {
        var (metric, iou, area) = Lines[line];
        var thresholds = report.Parameters.IouThresholds;
        var overlap = iou.Length > 0 ? iou : string.Create(CultureInfo.InvariantCulture, $"{thresholds[0]:0.00}:{thresholds[^1]:0.00}");
        var limits = report.Parameters.MaxDetections;
        var limit = line switch { 0 => 100, 6 => limits[0], 7 => limits[1], _ => limits[2] };
        text.Append(CultureInfo.InvariantCulture, $" {metric} @[ IoU={overlap,-9} | area={area,6} | maxDets={limit,3} ] = {report.Stats[line]:0.000}").AppendLine();
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
