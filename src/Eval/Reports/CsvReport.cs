using System.Globalization;
using System.Text;
using Serve.Eval.Errors;
using Serve.Eval.Statistics;
using Serve.Eval.Usb;

namespace Serve.Eval.Reports;

/// <summary>
/// Writes a report as a table of values by RFC 4180, in the invariant culture: a row a number, so that every program reads it without knowing the protocol.
/// Columns: <c>scope</c> (<c>summary</c>, <c>category</c>, <c>scale</c>, <c>error</c>), <c>categoryId</c>, <c>category</c>, <c>number</c>, <c>value</c>,
/// <c>lower</c>, <c>upper</c>, <c>standardError</c>. Where there is no number the field is empty.
/// </summary>
internal static class CsvReport
{
    private static readonly char[] Special = [',', '"', '\r', '\n'];

    /// <summary>The table; lines end in CR LF, the first names the columns.</summary>
    public static string Of(EvaluationReport report)
    {
        var text = new StringBuilder("scope,categoryId,category,number,value,lower,upper,standardError\r\n");
        foreach (var number in ReportNumber.Of(report))
            Row(text, "summary", null, "", number.Name, number.Value, number.Estimate);
        foreach (var category in report.PerCategory)
            AppendCategory(text, report, category);
        if (report.Scales is { } scales)
            AppendScales(text, scales);
        if (report.Errors is { } errors)
            AppendErrors(text, errors);
        return text.ToString();
    }

    private static void AppendCategory(StringBuilder text, EvaluationReport report, CategoryReport category)
    {
        var estimate = report.Intervals?.Estimates.FirstOrDefault(other => other.CategoryId == category.Id);
        void Number(string name, double? value, Estimate? spread = null) => Row(text, "category", category.Id, category.Name, name, value, spread);
        Number("AP", category.Ap, estimate);
        Number("AP50", category.Ap50);
        Number("AP75", category.Ap75);
        Number("AR", category.Ar);
        if (category.Objects is { } objects)
            Number("objects", objects);
        if (report.Errors?.Categories.FirstOrDefault(other => other.CategoryId == category.Id) is { } curve)
        {
            Number("best threshold", curve.Best?.Threshold);
            Number("best F1", curve.Best?.F1);
        }
    }

    private static void AppendScales(StringBuilder text, UsbScaleReport scales)
    {
        foreach (var (name, value) in scales.Overall)
            Row(text, "scale", null, "", name, value, null);
        // A range of two measures has the same numbers in both.
        foreach (var bin in scales.Measures.SelectMany(measure => measure.Bins.Select(bin => bin with { Name = measure.NameOf(bin) })).DistinctBy(bin => bin.Name))
        {
            Row(text, "scale", null, "", $"{bin.Name} AP", bin.Ap, null);
            Row(text, "scale", null, "", $"{bin.Name} AR", bin.Ar, null);
        }
        foreach (var category in scales.PerCategory)
            Row(text, "scale", category.Id, category.Name, "AP70", category.Ap70, null);
    }

    private static void AppendErrors(StringBuilder text, ErrorReport errors)
    {
        void Share(long? id, string name, ErrorShare share)
        {
            Row(text, "error", id, name, $"{share.Error} dAP", share.Gain, null);
            Row(text, "error", id, name, $"{share.Error} count", share.Count, null);
        }

        foreach (var share in errors.Breakdown.Errors)
            Share(null, "", share);
        Row(text, "error", null, "", "false positives dAP", errors.Breakdown.FalsePositiveGain, null);
        Row(text, "error", null, "", "false negatives dAP", errors.Breakdown.FalseNegativeGain, null);
        Row(text, "error", null, "", "best threshold", errors.Overall.Best?.Threshold, null);
        Row(text, "error", null, "", "best F1", errors.Overall.Best?.F1, null);
        foreach (var category in errors.Breakdown.Categories)
        {
            foreach (var share in category.Errors)
                Share(category.Id, category.Name, share);
        }
    }

    private static void Row(StringBuilder text, string scope, long? id, string category, string number, double? value, Estimate? estimate) => text
        .Append(scope).Append(',').Append(CultureInfo.InvariantCulture, $"{id}").Append(',').Append(Field(category)).Append(',').Append(Field(number))
        .Append(',').Append(Field(value)).Append(',').Append(Field(estimate?.Interval?.Lower)).Append(',').Append(Field(estimate?.Interval?.Upper))
        .Append(',').Append(Field(estimate?.StandardError)).Append("\r\n");

    // The shortest text that reads back to the same number.
    private static string Field(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";

    private static string Field(string text) => text.IndexOfAny(Special) < 0 && text.Trim() == text ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
