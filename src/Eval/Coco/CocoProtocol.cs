using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using static System.FormattableString;

namespace Serve.Eval.Coco;

/// <summary>The COCO protocol as data. The defaults are those of the reference (COCO API).</summary>
public sealed record CocoProtocol : Protocol
{
    // The COCO API's kpt_oks_sigmas: tenths.
    private static readonly double[] PersonSigmas = [.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87, .89, .89];

    private CocoProtocol(IouKind kind) => Kind = kind;

    /// <summary>Boxes: <c>coco-bbox</c>.</summary>
    public static CocoProtocol BoundingBox { get; } = new(IouKind.Boxes);

    /// <summary>Masks: <c>coco-segm</c>.</summary>
    public static CocoProtocol Masks { get; } = new(IouKind.Masks);

    /// <summary>Masks by boundary IoU: <c>coco-boundary</c>.</summary>
    public static CocoProtocol Boundaries { get; } = new(IouKind.Boundaries);

    /// <summary>Keypoints: <c>coco-keypoints</c>.</summary>
    public static CocoProtocol Keypoints { get; } = new(IouKind.Keypoints)
    {
        MaxDetections = [20],
        AreaRanges = [new("all", 0, 1e10), new("medium", 1024, 9216), new("large", 9216, 1e10)],
    };

    /// <summary>What overlap is measured on.</summary>
    public IouKind Kind { get; }

    /// <inheritdoc/>
    public override string Name => Kind switch
    {
        IouKind.Boxes => "coco-bbox",
        IouKind.Masks => "coco-segm",
        IouKind.Boundaries => "coco-boundary",
        _ => "coco-keypoints",
    };

    /// <inheritdoc/>
    public override string Description => Kind switch
    {
        IouKind.Boxes => "COCO boxes: average precision and recall over ten IoU thresholds, three sizes and up to 100 detections an image.",
        IouKind.Masks => "COCO masks: average precision and recall over ten mask IoU thresholds, three sizes and up to 100 detections an image.",
        IouKind.Boundaries => "COCO masks by boundary IoU: as coco-segm, with the lower of mask IoU and boundary IoU.",
        _ => "COCO keypoints: average precision and recall over ten similarity thresholds, two sizes and up to 20 detections an image.",
    };

    /// <summary>Overlaps that make a match, 0 to 1. By default 0.5 to 0.95 in ten steps, computed as the reference does. [T]</summary>
    public override IReadOnlyList<double> IouThresholds { get; init; } = Linspace(0.5, 0.95, 10);

    /// <summary>Recalls at which precision is read, 0 to 1. By default 0 to 1 in 101 steps, computed as the reference does. [R]</summary>
    public override IReadOnlyList<double> RecallThresholds { get; init; } = Linspace(0, 1, 101);

    /// <summary>
    /// Limits of detections for each image and category (each image, where categories are pooled); any order. [M] By default 1, 10 and 100; for keypoints 20.
    /// The reference needs three for a summary of boxes and masks, and reads its first number at a limit of exactly 100 (20 for keypoints).
    /// </summary>
    public override IReadOnlyList<int> MaxDetections { get; init; } = [1, 10, 100];

    /// <summary>Areas evaluated separately, in square pixels; the first is that of the numbers per category. [A]</summary>
    public override IReadOnlyList<AreaRange> AreaRanges { get; init; } = AreaRange.Coco;

    /// <summary>Keypoints: how fast similarity falls with distance, one number a keypoint. By default the 17 of COCO's persons (<c>kpt_oks_sigmas</c>).</summary>
    public IReadOnlyList<double> Sigmas { get; init; } = Array.ConvertAll(PersonSigmas, sigma => sigma / 10);

    /// <summary>Boundaries: width of the boundary region as a part of the image's diagonal.</summary>
    public double DilationRatio { get; init; } = 0.02;

    /// <inheritdoc/>
    public override AnnotationParts Parts => Kind switch
    {
        IouKind.Boxes => AnnotationParts.Boxes,
        IouKind.Keypoints => AnnotationParts.Keypoints,
        _ => AnnotationParts.Segmentations,
    };

    /// <inheritdoc/>
    internal override MatchInput Prepare(Dataset dataset, DetectionTable detections, Warnings warnings, int threads, CancellationToken ct)
        => CocoInput.From(dataset, detections, this, warnings, threads, ct);

    /// <inheritdoc/>
    internal override IReadOnlyList<Metric> Headline(MatchInput input, Dataset dataset)
        => StrictReference ? ReferenceSummary.Of(this) : CocoSummary.Of(this);

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Kind is IouKind.Keypoints && (Sigmas.Count == 0 || Sigmas.Any(sigma => !(sigma > 0 && double.IsFinite(sigma)))))
            yield return Invariant($"Sigmas holds {(Sigmas.Count == 0 ? "nothing" : string.Join(", ", Sigmas))}; each keypoint needs a number above 0.");
        if (Kind is IouKind.Boundaries && !(DilationRatio is > 0 and <= 1))
            yield return Invariant($"DilationRatio is {DilationRatio}; it must be above 0 and at most 1.");
    }
}
