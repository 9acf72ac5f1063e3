using System.Globalization;
using System.Text;

namespace Serve.Eval.Statistics;

/// <summary>Writes a comparison as tables, one a number: each result with its interval and rank, then each difference.</summary>
internal static class ComparisonText
{
    private const string Signed = "+0.0000;-0.0000;0.0000";

    /// <summary>The lines, each ended.</summary>
    public static string Of(Comparison comparison)
    {
        var options = comparison.Options;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{comparison.Protocol}: {comparison.Results.Count} results on {comparison.Images} images; ")
            .Append(CultureInfo.InvariantCulture, $"{options.Level:0.###%} intervals of {options.Resamples} resamples, p-values of {options.Permutations} permutations, seed {options.Seed}").AppendLine();
        // Wide enough for "first - second", two places further in than headings, and a blank before the number.
        var width = Math.Max("difference".Length, (comparison.Results.Max(name => name.Length) * 2) + " - ".Length + 3);
        foreach (var number in comparison.Numbers)
        {
            text.AppendLine();
            Append(text, number, width);
        }
        foreach (var warning in comparison.Warnings)
            text.AppendLine().Append("Note: ").Append(warning).AppendLine();
        return text.ToString();
    }

    private static void Append(StringBuilder text, ComparedNumber number, int width)
    {
        text.Append(CultureInfo.InvariantCulture, $" {number.Name.PadRight(width)}  value   interval            rank").AppendLine();
        foreach (var result in number.Results)
        {
            text.Append(CultureInfo.InvariantCulture, $"   {result.Result.PadRight(width - 2)}{Value(result.Estimate.Value, "0.000"),7}  {Ends(result.Estimate.Interval, "0.000"),-18}");
            text.Append(CultureInfo.InvariantCulture, $"{result.Rank,6}").AppendLine();
        }
        text.Append(' ').Append("difference".PadRight(width)).Append("                                  p  p (Holm)").AppendLine();
        foreach (var pair in number.Differences)
        {
            text.Append(CultureInfo.InvariantCulture, $"   {$"{pair.First} - {pair.Second}".PadRight(width - 2)}{Value(pair.Difference.Value, Signed),7}  ");
            text.Append(CultureInfo.InvariantCulture, $"{Ends(pair.Difference.Interval, Signed),-18}  {Value(pair.PValue, "0.0000"),8}{Value(pair.AdjustedPValue, "0.0000"),10}");
            text.AppendLine(pair.IsSignificant ? " *" : "");
        }
    }

    private static string Ends(Interval? interval, string format)
        => interval is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{interval.Lower.ToString(format, CultureInfo.InvariantCulture)} .. {interval.Upper.ToString(format, CultureInfo.InvariantCulture)}");

    private static string Value(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
