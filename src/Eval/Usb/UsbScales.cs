using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>Evaluates every scale measure of the benchmark, also those that are not in its summary.</summary>
public static class UsbScales
{
    /// <summary>Evaluates detections against a dataset.</summary>
    /// <param name="dataset">Ground truth, with image sizes.</param>
    /// <param name="detections">Detections; none is allowed.</param>
    /// <param name="protocol">Protocol and parameters; its area ranges are replaced, and of its detection limits the largest is used.</param>
    /// <param name="measures">What to evaluate beside COCO's sizes.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images and categories.</param>
    /// <exception cref="InvalidInputException">What <see cref="Evaluator"/> refuses.</exception>
    public static UsbScaleReport Evaluate(
        Dataset dataset, DetectionTable detections, UsbProtocol protocol, ScaleMeasures measures, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(protocol);
        protocol.Validate();
        List<(string Name, IReadOnlyList<AreaRange> Ranges)> sets = [("COCO", AreaRange.Coco)];
        void Add(ScaleMeasures measure, string name, IReadOnlyList<AreaRange> ranges)
        {
            if (measures.HasFlag(measure))
                sets.Add((name, ranges));
        }

        Add(ScaleMeasures.Relative, "RSAP", UsbRanges.RelativeScale);
        Add(ScaleMeasures.Absolute, "ASAP", UsbRanges.AbsoluteScale);
        Add(ScaleMeasures.Linear, "ASAP, linear", UsbRanges.LinearScale);
        Add(ScaleMeasures.TinyPerson, "TinyPerson", UsbRanges.TinyPerson);
        // A range of two measures (ASAP(32-64)) is evaluated once.
        var all = protocol with { MaxDetections = [protocol.MaxDetections.Max()], AreaRanges = [.. sets.SelectMany(set => set.Ranges).Distinct()] };
        var evaluation = Evaluator.Evaluate(dataset, detections, all, threads, ct);
        List<ScaleMeasureReport> reports = [.. sets.Select(set => Report(set.Name, set.Ranges, evaluation.Curves))];
        if (measures.HasFlag(ScaleMeasures.Bands))
        {
            var bands = BandCurves.Of(evaluation.Matches.Input, ScaleBand.All, all, threads, ct);
            reports.Add(Report("BandASAP", bands.AreaRanges, bands));
        }
        return Report(evaluation, dataset, reports);
    }

    private static UsbScaleReport Report(EvaluationResult evaluation, Dataset dataset, List<ScaleMeasureReport> measures)
    {
        var (protocol, means) = ((UsbProtocol)evaluation.Protocol, new CurveMeans(evaluation.Curves));
        var names = new CategoryNames(dataset, protocol);
        double? At(double threshold, int? category = null)
            => means.Of(new("", Measure.Precision) { IouThreshold = UsbSummary.Exact(protocol, threshold), Categories = category is { } k ? [k] : null });
        return new()
        {
            Protocol = protocol.Name,
            AreaSource = protocol.AreaSource,
            MaxDetections = protocol.MaxDetections[0],
            Images = evaluation.Matches.Input.ImageIds.Length,
            Cap = evaluation[UsbSummary.Cap],
            Ap50 = At(0.5),
            Ap70 = At(0.7),
            Ap75 = At(0.75),
            Kap = evaluation.Summary.FirstOrDefault(number => number.Name == UsbSummary.Kap)?.Value,
            Measures = measures,
            PerCategory = [.. evaluation.PerCategory.Select((category, k) => new UsbCategoryReport(
                category.Id, names[category.Id], category.Ap, At(0.5, k), At(0.7, k), At(0.75, k)))],
            Warnings = evaluation.Warnings,
        };
    }

    private static ScaleMeasureReport Report(string name, IReadOnlyList<AreaRange> ranges, PrecisionRecall curves)
    {
        var means = new CurveMeans(curves);
        var unit = ranges[0].Measure switch { SizeMeasure.Area => "area", SizeMeasure.Scale => "scale", _ => "relativeScale" };
        return new(name, unit, [.. ranges.Select(range => new ScaleBin(
            range.Name, range.Lower, range.Upper,
            means.Of(new("", Measure.Precision) { AreaRange = range.Name }), means.Of(new("", Measure.Recall) { AreaRange = range.Name })))]);
    }
}
