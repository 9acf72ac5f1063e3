using Serve.Eval.Reports.Charts;
using Serve.Eval.Reports.Markup;
using Serve.Eval.Usb;

namespace Serve.Eval.Reports.Html;

/// <summary>Average precision by relative and absolute scale, as the USB benchmark divides objects.</summary>
internal static class ScaleSection
{
    // More bins are drawn as a curve.
    private const int MostBars = 12;
    private const string NoEnd = "-100000";

    /// <summary>Whether a number of the summary is one by scale, which stands here and not among the headline numbers.</summary>
    public static bool Holds(EvaluationReport report, ReportNumber number) => number.Metric?.AreaRange is { } name
        && report.Parameters.AreaRanges.FirstOrDefault(range => range.Name == name) is { Measure: not SizeMeasure.Area };

    /// <summary>The section; null where nothing is divided by scale.</summary>
    public static HtmlSection? Of(EvaluationReport report)
    {
        MarkupPiece[] figures = report.Scales is { } scales
            ? [.. scales.Measures.Where(measure => measure.Name != "COCO" && measure.Bins.Count > 0).Select(measure => Draw(report, measure))]
            : [.. ReportNumber.Of(report).Where(number => Holds(report, number)).GroupBy(number => Family(number.Name)).Select(family => Draw(report, family.Key, [.. family]))];
        return figures.Length == 0 ? null : new("scales", "By scale", Figure.Row(figures));
    }

    private static MarkupPiece Draw(EvaluationReport report, ScaleMeasureReport measure)
    {
        if (measure.Bins.Count > MostBars)
            return Curve(measure);
        var numbers = ReportNumber.Of(report);
        return Bars(measure.Name, Unit(measure.Unit), [.. measure.Bins.Select(bin => new ChartBar(
            Short(bin.Name, measure.Name), bin.Ap, numbers.FirstOrDefault(number => number.Name == bin.Name)?.Ends))]);
    }

    private static MarkupPiece Draw(EvaluationReport report, string family, ReportNumber[] numbers)
    {
        var range = report.Parameters.AreaRanges.First(range => range.Name == numbers[0].Metric!.AreaRange);
        var unit = Unit(range.Measure is SizeMeasure.Scale ? "scale" : "relativeScale");
        return Bars(family, unit, [.. numbers.Select(number => new ChartBar(Short(number.Name, family), number.Value, number.Ends))]);
    }

    private static MarkupPiece Bars(string name, string unit, ChartBar[] bars)
        => Figure.Of($"{name}: average precision by {unit}", BarChart.Draw($"{name} by {unit}", ChartAxis.Unit(""), bars, "0.000"));

    private static MarkupPiece Curve(ScaleMeasureReport measure)
    {
        // The last bin has no upper end to speak of: it is drawn as wide as the first. Where objects end, so does the axis.
        var last = measure.Bins.Where(bin => bin.Ap is not null).Select(bin => bin.Lower).DefaultIfEmpty(0).Max() + measure.Bins[0].Upper - measure.Bins[0].Lower;
        double Middle(ScaleBin bin) => (bin.Lower + Math.Min(bin.Upper, last)) / 2;
        ChartSeries[] series =
        [
            new("average precision", [.. measure.Bins.Where(bin => bin.Ap is not null).Select(bin => (Middle(bin), bin.Ap!.Value))]),
            new("average recall", [.. measure.Bins.Where(bin => bin.Ar is not null).Select(bin => (Middle(bin), bin.Ar!.Value))], IsDashed: true),
        ];
        var picture = LineChart.Draw($"{measure.Name} by {Unit(measure.Unit)}", ChartAxis.FromZero(Unit(measure.Unit), [last]), ChartAxis.Unit(""), series);
        return Figure.Of($"{measure.Name}: by {Unit(measure.Unit)}", picture, series);
    }

    private static string Unit(string unit) => unit switch
    {
        "area" => "area, square pixels",
        "scale" => "scale, pixels",
        _ => "scale, parts of the image",
    };

    private static string Family(string name) => name.IndexOf('(', StringComparison.Ordinal) is var at and > 0 ? name[..at] : name;

    // ASAP(8-16) is 8-16 among its like, and ASAP(1024-100000), which has no end, from 1024; what covers all is called all.
    private static string Short(string name, string family)
    {
        if (name.IndexOf('(', StringComparison.Ordinal) is not (var at and > 0) || !name.EndsWith(')'))
            return name == family ? "all" : name;
        var range = name[(at + 1)..^1];
        return range.EndsWith(NoEnd, StringComparison.Ordinal) ? $"from {range[..^NoEnd.Length]}" : range;
    }
}
