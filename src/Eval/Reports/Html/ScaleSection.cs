using Serve.Eval.Reports.Charts;
using Serve.Eval.Reports.Markup;
using Serve.Eval.Usb;

namespace Serve.Eval.Reports.Html;

/// <summary>Average precision by relative and absolute scale, as the USB benchmark divides objects.</summary>
internal static class ScaleSection
{
    // More bins are drawn as a curve.
    private const int MostBars = 12;

    /// <summary>Whether a number of the summary is one by scale, which stands here and not among the headline numbers.</summary>
    public static bool Holds(EvaluationReport report, ReportNumber number) => number.Metric?.AreaRange is { } name
        && report.Parameters.AreaRanges.FirstOrDefault(range => range.Name == name) is { Measure: not SizeMeasure.Area };

    /// <summary>The section; null where nothing is divided by scale.</summary>
    public static HtmlSection? Of(EvaluationReport report)
    {
        MarkupPiece[] figures = report.Scales is { } scales
            ? [.. scales.Measures.Where(measure => measure.Name != "COCO" && measure.Bins.Count > 0).Select(measure => Draw(report, measure))]
            : [.. ReportNumber.Of(report).Where(number => Holds(report, number)).GroupBy(number => Family(number.Name)).Select(family => Draw(report, family.Key, [.. family]))];
        return figures.Length == 0 ? null : new("scales", "By scale", HtmlFigure.Row(figures));
    }

    private static MarkupPiece Draw(EvaluationReport report, ScaleMeasureReport measure)
    {
        var sizes = MeasureOf(measure.Unit);
        if (measure.Bins.Count > MostBars)
            return Curve(measure, Unit(sizes));
        var numbers = ReportNumber.Of(report);
        return Bars(measure.Name, Unit(sizes), [.. measure.Bins.Select(bin => new ChartBar(
            Label(bin.Name, measure.Name, sizes, bin.Lower, bin.Upper), bin.Ap, numbers.FirstOrDefault(number => number.Name == bin.Name)?.Ends))]);
    }

    private static MarkupPiece Draw(EvaluationReport report, string family, ReportNumber[] numbers)
    {
        AreaRangeReport RangeOf(ReportNumber number) => report.Parameters.AreaRanges.First(range => range.Name == number.Metric!.AreaRange);
        return Bars(family, Unit(RangeOf(numbers[0]).Measure), [.. numbers.Select(number => Bar(number, RangeOf(number)))]);

        ChartBar Bar(ReportNumber number, AreaRangeReport range)
            => new(Label(number.Name, family, range.Measure, range.Lower, range.Upper), number.Value, number.Ends);
    }

    private static MarkupPiece Bars(string name, string unit, ChartBar[] bars)
        => HtmlFigure.Of($"{name}: average precision by {unit}", BarChart.Draw($"{name} by {unit}", ChartAxis.Unit(""), bars, "0.000"));

    private static MarkupPiece Curve(ScaleMeasureReport measure, string unit)
    {
        // The last bin has no upper end to speak of: it is drawn as wide as the first. Where objects end, so does the axis.
        var last = measure.Bins.Where(bin => bin.Ap is not null).Select(bin => bin.Lower).DefaultIfEmpty(0).Max() + measure.Bins[0].Upper - measure.Bins[0].Lower;
        double Middle(ScaleBin bin) => (bin.Lower + Math.Min(bin.Upper, last)) / 2;
        ChartSeries[] series =
        [
            new("average precision", [.. measure.Bins.Where(bin => bin.Ap is not null).Select(bin => (Middle(bin), bin.Ap!.Value))]),
            new("average recall", [.. measure.Bins.Where(bin => bin.Ar is not null).Select(bin => (Middle(bin), bin.Ar!.Value))], IsDashed: true),
        ];
        var picture = LineChart.Draw($"{measure.Name} by {unit}", ChartAxis.FromZero(unit, [last]), ChartAxis.Unit(""), series);
        return HtmlFigure.Of($"{measure.Name}: by {unit}", picture, series);
    }

    private static SizeMeasure MeasureOf(string unit) => unit switch
    {
        "area" => SizeMeasure.Area,
        "scale" => SizeMeasure.Scale,
        _ => SizeMeasure.RelativeScale,
    };

    private static string Unit(SizeMeasure measure) => measure switch
    {
        SizeMeasure.Area => "area, square pixels",
        SizeMeasure.Scale => "scale, pixels",
        _ => "scale, parts of the image",
    };

    private static string Family(string name) => name.IndexOf('(', StringComparison.Ordinal) is var at and > 0 ? name[..at] : name;

    // What covers all is called all. A range is called by its ends, which names such as ASAP(8-16) repeat, after a name of its own such as tiny1.
    private static string Label(string name, string family, SizeMeasure measure, double lower, double upper)
    {
        if (name == family)
            return "all";
        var own = name.IndexOf('(', StringComparison.Ordinal) is var at and > 0 && name.EndsWith(')') ? name[(at + 1)..^1] : name;
        var ends = SizeWords.Ends(measure, lower, upper);
        return ends.Length == 0 ? own : own.Length > 0 && char.IsLetter(own[0]) ? $"{own}, {ends}" : ends;
    }
}
