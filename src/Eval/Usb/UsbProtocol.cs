using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>
/// The Universal-Scale object detection Benchmark (Shinya, "USB: Universal-Scale Object Detection Benchmark", BMVC 2022) on one of its datasets: COCO-style
/// average precision of boxes (CAP), and the same by relative scale (RSAP) and absolute scale (ASAP).
/// </summary>
public sealed record UsbProtocol : Protocol
{
    private UsbProtocol(UsbDataset dataset) => Dataset = dataset;

    /// <summary>COCO, or any dataset in its form: <c>usb</c>.</summary>
    public static UsbProtocol Coco { get; } = new(UsbDataset.Coco);

    /// <summary>Waymo Open Dataset: <c>usb-wod</c>. Also KAP.</summary>
    public static UsbProtocol Wod { get; } = new(UsbDataset.Wod);

    /// <summary>Manga109-s: <c>usb-m109s</c>. 300 detections an image, and images without annotations left out.</summary>
    public static UsbProtocol M109s { get; } = new(UsbDataset.M109s) { MaxDetections = [1, 10, 300], FilterEmpty = true };

    /// <summary>The dataset whose rules are followed.</summary>
    public UsbDataset Dataset { get; }

    /// <inheritdoc/>
    public override string Name => Dataset switch
    {
        UsbDataset.Coco => "usb",
        UsbDataset.Wod => "usb-wod",
        _ => "usb-m109s",
    };

    /// <inheritdoc/>
    public override string Description => Dataset switch
    {
        UsbDataset.Coco => "USB on COCO: average precision (CAP), by relative scale (RSAP) and by absolute scale (ASAP).",
        UsbDataset.Wod => "USB on the Waymo Open Dataset: as usb, and average precision at the overlaps of KITTI (KAP).",
        _ => "USB on Manga109-s: as usb, with up to 300 detections an image and without images that have no annotations.",
    };

    /// <inheritdoc/>
    public override string HeadlineNumber => UsbSummary.Cap;

    /// <inheritdoc/>
    public override IReadOnlyList<double> IouThresholds { get; init; } = Linspace(0.5, 0.95, 10);

    /// <inheritdoc/>
    public override IReadOnlyList<double> RecallThresholds { get; init; } = Linspace(0, 1, 101);

    /// <summary>Limits of detections for each image and category; average precision is read at the largest. [M] By default 1, 10 and 100; 300 on Manga109-s.</summary>
    public override IReadOnlyList<int> MaxDetections { get; init; } = [1, 10, 100];

    /// <summary>Sizes evaluated separately, of any measure; the first is that of the numbers per category. [A] See <see cref="UsbRanges"/>.</summary>
    public override IReadOnlyList<AreaRange> AreaRanges { get; init; } = [.. AreaRange.Coco, .. UsbRanges.RelativeScale, .. UsbRanges.AbsoluteScale];

    /// <summary>Where the area of a ground truth comes from.</summary>
    public AreaSource AreaSource { get; init; }

    /// <summary>Leave out images without annotations and images with a side below 32 pixels, as the published numbers on Manga109-s do.</summary>
    public bool FilterEmpty { get; init; }

    /// <inheritdoc/>
    public override AnnotationParts Parts => AnnotationParts.Boxes;

    /// <inheritdoc/>
    private protected override bool HasRelativeScales => true;

    /// <inheritdoc/>
    internal override MatchInput Prepare(Dataset dataset, DetectionTable detections, Warnings warnings, int threads, CancellationToken ct)
        => UsbInput.From(dataset, detections, this, warnings, threads, ct);

    /// <inheritdoc/>
    internal override IReadOnlyList<Metric> Headline(MatchInput input, Dataset dataset) => UsbSummary.Of(this, input);
}
