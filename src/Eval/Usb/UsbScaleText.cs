using System.Globalization;
using System.Text;

namespace Serve.Eval.Usb;

/// <summary>Writes a report as tables for a terminal.</summary>
internal static class UsbScaleText
{
    private const int NumberWidth = 8;

    /// <summary>The tables, each line ended.</summary>
    public static string Of(UsbScaleReport report)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{report.Protocol}: {report.Images} images, up to {report.MaxDetections} detections an image and category, areas of the {Source(report)}").AppendLine();
        Row(text, "", 0, [.. report.Overall.Select(number => number.Name)]);
        Row(text, "", 0, [.. report.Overall.Select(number => Text(number.Value))]);
        foreach (var measure in report.Measures)
        {
            var width = measure.Bins.Max(bin => bin.Name.Length);
            text.AppendLine();
            Row(text, measure.Name, width, "AP", "AR");
            foreach (var bin in measure.Bins)
                Row(text, bin.Name, width, Text(bin.Ap), Text(bin.Ar));
        }
        if (report.PerCategory.Count > 0)
        {
            var width = Math.Max("category".Length, report.PerCategory.Max(category => category.Name.Length));
            text.AppendLine();
            Row(text, "category", width, "AP", "AP50", "AP70", "AP75");
            foreach (var category in report.PerCategory)
                Row(text, category.Name, width, Text(category.Ap), Text(category.Ap50), Text(category.Ap70), Text(category.Ap75));
        }
        foreach (var warning in report.Warnings)
            text.Append(CultureInfo.InvariantCulture, $" Note: {warning}").AppendLine();
        return text.ToString();
    }

    private static string Source(UsbScaleReport report) => report.AreaSource is AreaSource.Box ? "boxes" : "annotations";

    private static void Row(StringBuilder text, string name, int width, params ReadOnlySpan<string> cells)
    {
        text.Append(' ').Append(name.PadRight(width));
        foreach (var cell in cells)
            text.Append(cell.PadLeft(NumberWidth));
        text.AppendLine();
    }

    private static string Text(double? number) => number?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";
}
