namespace Serve.Eval.Reports.Html;

/// <summary>Says in words which sizes a range holds.</summary>
internal static class SizeWords
{
    /// <summary>Its ends, such as <c>32² to 96²</c>, <c>from 1024</c> or <c>up to 1/256</c>; empty for all sizes.</summary>
    /// <param name="measure">What sizes are.</param>
    /// <param name="lower">Smallest size.</param>
    /// <param name="upper">Largest size.</param>
    public static string Ends(SizeMeasure measure, double lower, double upper) => (lower <= 0, measure.IsUnlimited(upper)) switch
    {
        (true, true) => "",
        (true, false) => $"up to {Size(measure, upper)}",
        (false, true) => $"from {Size(measure, lower)}",
        _ => $"{Size(measure, lower)} to {Size(measure, upper)}",
    };

    // Areas that are squares and parts that are fractions are written as such.
    private static string Size(SizeMeasure measure, double size) => measure switch
    {
        SizeMeasure.Area when Math.Sqrt(size) is var side && side == Math.Floor(side) => ReportNumber.Text($"{side:0}²"),
        SizeMeasure.RelativeScale when size is > 0 and < 1 && 1 / size is var part && part == Math.Floor(part) => ReportNumber.Text($"1/{part:0}"),
        SizeMeasure.RelativeScale => ReportNumber.Text($"{size:0.####}"),
        _ => ReportNumber.Text($"{size:0.#}"),
    };
}
