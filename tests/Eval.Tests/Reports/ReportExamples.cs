using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Reports;
using Serve.Eval.Statistics;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Reports;

/// <summary>Reports of a small scene whose names are not to be trusted: three images, four categories (one without objects), some right and some wrong detections.</summary>
internal static class ReportExamples
{
    /// <summary>Name of a category that would run as a script where it is not escaped.</summary>
    public const string Hostile = "<script>alert(\"x\")</script> & 'co', | *bold*";

    /// <summary>Name of an image that would close an attribute.</summary>
    public const string HostileFile = "a\"><img src=x onerror=alert(1)>\u0001.png";

    /// <summary>The ground truth.</summary>
    public static Dataset Truth { get; } = new(
        [new(1, "a.png", 100, 100), new(2, "b.png", 100, 100), new(3, HostileFile, 100, 100)],
        [new(1, Hostile), new(2, "dog"), new(3, "=cat"), new(4, "none")],
        [
            new(1, 1, 1, 0, 0, 10, 10, 100, false), new(2, 1, 2, 20, 20, 40, 40, 1600, false), new(3, 2, 1, 50, 50, 20, 20, 400, false),
            new(4, 2, 3, 0, 0, 90, 100, 9000, false), new(5, 3, 2, 10, 10, 50, 50, 2500, false), new(6, 3, 2, 70, 70, 20, 20, 400, false),
        ], "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

    /// <summary>A report with every part.</summary>
    public static EvaluationReport Full(CocoProtocol? protocol = null)
    {
        var (evaluation, detections) = Evaluate(protocol ?? CocoProtocol.BoundingBox, worse: false);
        var report = EvaluationReport.From(evaluation, Truth);
        return report with
        {
            Provenance = report.Provenance! with
            {
                Version = "1.2.3",
                Date = new(2026, 11, 27, 12, 30, 0, TimeSpan.Zero),
                GroundTruth = "truth.json",
                Detections = "results.json",
                Command = "./serve evaluate --truth truth.json --detections 'my results.json'",
            },
            Intervals = Bootstrap.Run(evaluation, new() { Resamples = 20 }, Truth.Categories, ct: TestContext.Current.CancellationToken),
            Errors = ErrorAnalysis.Run(Truth, detections, evaluation, ct: TestContext.Current.CancellationToken),
        };
    }

    /// <summary>A report of the protocol's numbers alone.</summary>
    /// <param name="protocol">The protocol; null for COCO's boxes.</param>
    /// <param name="worse">Whether detections lie less well.</param>
    public static EvaluationReport Plain(Protocol? protocol = null, bool worse = false)
        => EvaluationReport.From(Evaluate(protocol ?? CocoProtocol.BoundingBox, worse).Evaluation, Truth);

    /// <summary>A report by scale.</summary>
    public static EvaluationReport ByScale() => Plain(UsbProtocol.Coco) with
    {
        Scales = UsbScales.Evaluate(Truth, Evaluate(UsbProtocol.Coco, worse: false).Detections, UsbProtocol.Coco, ScaleMeasures.All, ct: TestContext.Current.CancellationToken),
    };

    private static (EvaluationResult Evaluation, DetectionTable Detections) Evaluate(Protocol protocol, bool worse)
    {
        var detections = new DetectionTable();
        detections.Add(1, 1, 0, 0, 10, worse ? 8 : 10, 0.9);
        detections.Add(1, 2, 20, 20, 40, 30, 0.8);
        detections.Add(1, 3, 21, 20, 40, 40, 0.35);
        detections.Add(2, 1, 50, 50, 20, 20, 0.7);
        detections.Add(2, 3, 0, 0, 90, 99, 0.6);
        detections.Add(2, 2, 40, 0, 10, 10, 0.3);
        detections.Add(3, 2, 10, 10, 50, 48, 0.95);
        return (Evaluator.Evaluate(Truth, detections, protocol, ct: TestContext.Current.CancellationToken), detections);
    }
}
