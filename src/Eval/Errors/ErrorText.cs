using System.Globalization;
using System.Text;

namespace Serve.Eval.Errors;

/// <summary>Writes an error report as tables for a terminal.</summary>
public static class ErrorText
{
    private const int MostCategories = 20;
    private const int MostPairs = 10;
    private const int NumberWidth = 7;

    /// <summary>The lines, each ended.</summary>
    public static string Of(ErrorReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var text = new StringBuilder();
        AppendBreakdown(text, report);
        AppendScores(text, report);
        AppendCategories(text, report);
        AppendConfusion(text, report.Confusion);
        AppendImages(text, report);
        return text.ToString();
    }

    private static void AppendBreakdown(StringBuilder text, ErrorReport report)
    {
        var breakdown = report.Breakdown;
        text.Append(CultureInfo.InvariantCulture, $"{report.Protocol}: errors at IoU {breakdown.IouThreshold:0.0##}, nothing below {breakdown.BackgroundThreshold:0.0##}");
        Append(text, $"{(breakdown.MaxDetections == int.MaxValue ? "" : $", best {breakdown.MaxDetections} detections an image")}");
        Append(text, $" average precision {Number(breakdown.Ap, "0.00")} of 100").AppendLine();
        Append(text, $" {"error",-32}{"gain",NumberWidth}{"count",10}{"ignored",10}");
        foreach (var share in breakdown.Errors)
            Append(text, $" {share.Error,-5}{ErrorWords.Of(share.Error),-27}{share.Gain,NumberWidth:0.00}{share.Count,10}{share.Ignored,10}");
        Append(text, $" {"all false positives",-32}{breakdown.FalsePositiveGain,NumberWidth:0.00}");
        Append(text, $" {"all false negatives",-32}{breakdown.FalseNegativeGain,NumberWidth:0.00}");
    }

    private static void AppendScores(StringBuilder text, ErrorReport report)
    {
        text.AppendLine();
        if (report.Overall.Best is { } best)
            Append(text, $"Best F1 at score {Values(best)}");
        else
            Append(text, $"No detection is right.");
        if (report.Overall.Best?.Threshold != report.ScoreThreshold)
            Append(text, $"Chosen: score {Values(report.Overall.Chosen)}");
    }

    private static string Values(OperatingPoint point)
    {
        var values = $"F1 {Number(point.F1, "0.000")}, precision {Number(point.Precision, "0.000")}, recall {Number(point.Recall, "0.000")}";
        return $"{Number(point.Threshold, "0.000")}: {values} ({point.TruePositives} right, {point.FalsePositives} wrong, {point.FalseNegatives} not found)";
    }

    private static void AppendCategories(StringBuilder text, ErrorReport report)
    {
        var rows = report.Breakdown.Categories.Zip(report.Categories)
            .OrderByDescending(row => row.First.Errors.Sum(share => share.Count)).Take(MostCategories).ToArray();
        if (rows.Length == 0)
            return;
        var name = Math.Max("category".Length, rows.Max(row => row.First.Name.Length));
        text.AppendLine();
        Append(text, $"Categories with most errors ({rows.Length} of {report.Categories.Count}); score, F1, precision and recall where F1 is best");
        text.Append(' ').Append("category".PadRight(name));
        foreach (var heading in (string[])["objects", "AP", .. Enum.GetNames<TideError>(), "score", "F1", "prec", "recall"])
            text.Append(heading.PadLeft(NumberWidth + 1));
        text.AppendLine();
        foreach (var (errors, curve) in rows)
        {
            text.Append(' ').Append(errors.Name.PadRight(name));
            string[] numbers =
            [
                $"{errors.Objects}", Number(errors.Ap, "0.0"), .. errors.Errors.Select(share => $"{share.Count}"),
                Number(curve.Best?.Threshold, "0.000"), Number(curve.Best?.F1, "0.000"), Number(curve.Best?.Precision, "0.000"),
                Number(curve.Best?.Recall, "0.000"),
            ];
            foreach (var number in numbers)
                text.Append(number.PadLeft(NumberWidth + 1));
            text.AppendLine();
        }
    }

    private static void AppendConfusion(StringBuilder text, ConfusionMatrix confusion)
    {
        var background = confusion.Categories.Count;
        text.AppendLine();
        var (onNothing, without) = (confusion.TruthTotals[background], confusion.DetectedTotals[background]);
        Append(text, $"From score {confusion.ScoreThreshold:0.000}: {onNothing} detections on nothing, {without} objects without a detection");
        foreach (var cell in confusion.MostConfused(MostPairs))
            Append(text, $" {cell.Count,6}  {confusion.Categories[cell.Truth].Name} taken for {confusion.Categories[cell.Detected].Name}");
    }

    private static void AppendImages(StringBuilder text, ErrorReport report)
    {
        if (report.Worst.Count == 0)
            return;
        text.AppendLine();
        Append(text, $"Worst images ({(report.WorstBy is ImageOrder.LowestF1 ? "lowest F1" : "most errors")})");
        Append(text, $" {"F1",NumberWidth}{"right",NumberWidth}{"wrong",NumberWidth}{"not found",11}  image");
        foreach (var image in report.Worst)
        {
            var file = image.FileName.Length > 0 ? $" ({image.FileName})" : "";
            text.Append(CultureInfo.InvariantCulture, $" {Number(image.F1, "0.000"),NumberWidth}{image.TruePositives,NumberWidth}{image.FalsePositives,NumberWidth}");
            Append(text, $"{image.FalseNegatives,11}  {image.ImageId}{file}");
        }
    }

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";

    private static StringBuilder Append(StringBuilder text, FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
