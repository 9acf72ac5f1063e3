using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using static System.FormattableString;

namespace Serve.Eval.Lvis;

/// <summary>
/// The LVIS protocol as data: COCO's measure for federated annotations, where each image says of some categories only whether they are there.
/// </summary>
/// <remarks>
/// Gupta, Dollár, Girshick, "LVIS: A Dataset for Large Vocabulary Instance Segmentation", CVPR 2019; defaults and rules are those of the LVIS API. An object's
/// <c>ignore</c> is honoured, <c>iscrowd</c> is not; objects and detections with an area of 0 vanish.
/// The "fixed" protocols are those of Dave, Dollár, Ramanan, Kirillov, Girshick, "Evaluating Large-Vocabulary Object Detectors: The Devil is in the Details", 2021:
/// the limit of 300 detections an image, in which categories compete with each other, gives way to one of 10,000 detections a category over all images.
/// </remarks>
public sealed record LvisProtocol : Protocol
{
    private LvisProtocol(IouKind kind, LvisLimit limit)
    {
        (Kind, Limit) = (kind, limit);
        MaxDetections = [limit is LvisLimit.Image ? 300 : 10_000];
    }

    /// <summary>Boxes: <c>lvis-bbox</c>.</summary>
    public static LvisProtocol BoundingBox { get; } = new(IouKind.Boxes, LvisLimit.Image);

    /// <summary>Masks: <c>lvis-segm</c>.</summary>
    public static LvisProtocol Masks { get; } = new(IouKind.Masks, LvisLimit.Image);

    /// <summary>Masks by boundary IoU: <c>lvis-boundary</c>.</summary>
    public static LvisProtocol Boundaries { get; } = new(IouKind.Boundaries, LvisLimit.Image);

    /// <summary>Boxes, limit by category: <c>lvis-fixed-bbox</c>.</summary>
    public static LvisProtocol FixedBoundingBox { get; } = new(IouKind.Boxes, LvisLimit.Category);

    /// <summary>Masks, limit by category: <c>lvis-fixed-segm</c>.</summary>
    public static LvisProtocol FixedMasks { get; } = new(IouKind.Masks, LvisLimit.Category);

    /// <summary>Masks by boundary IoU, limit by category, as in the LVIS challenge of 2021: <c>lvis-fixed-boundary</c>.</summary>
    public static LvisProtocol FixedBoundaries { get; } = new(IouKind.Boundaries, LvisLimit.Category);

    /// <summary>What overlap is measured on: boxes, masks or boundaries.</summary>
    public IouKind Kind { get; }

    /// <summary>What <see cref="MaxDetections"/> limits.</summary>
    public LvisLimit Limit { get; }

    /// <inheritdoc/>
    public override string Name
    {
        get
        {
            var kind = Kind switch
            {
                IouKind.Boxes => "bbox",
                IouKind.Masks => "segm",
                _ => "boundary",
            };
            return Limit is LvisLimit.Image ? $"lvis-{kind}" : $"lvis-fixed-{kind}";
        }
    }

    /// <inheritdoc/>
    public override string Description
    {
        get
        {
            var kind = Kind switch
            {
                IouKind.Boxes => "boxes",
                IouKind.Masks => "masks",
                _ => "masks by boundary IoU",
            };
            return Limit is LvisLimit.Image
                ? $"LVIS {kind}: average precision and recall under federated annotation, by size and by how frequent categories are, up to 300 detections an image."
                : $"LVIS {kind}, fixed AP: as LVIS, with up to 10,000 detections a category over all images in place of 300 an image.";
        }
    }

    /// <summary>Overlaps that make a match, 0 to 1. By default 0.5 to 0.95 in ten steps, computed as the reference does. [T]</summary>
    public override IReadOnlyList<double> IouThresholds { get; init; } = Linspace(0.5, 0.95, 10);

    /// <summary>Recalls at which precision is read, 0 to 1. By default 0 to 1 in 101 steps, computed as the reference does. [R]</summary>
    public override IReadOnlyList<double> RecallThresholds { get; init; } = Linspace(0, 1, 101);

    /// <summary>
    /// The limit of detections. [M] Of each image over all its categories, cut before anything else: one number, by default 300. For the fixed protocols of each
    /// category over all images: any number of limits, by default 10,000.
    /// </summary>
    public override IReadOnlyList<int> MaxDetections { get; init; }

    /// <summary>Areas evaluated separately, in square pixels; the first is that of the numbers per category. [A]</summary>
    public override IReadOnlyList<AreaRange> AreaRanges { get; init; } = AreaRange.Coco;

    /// <summary>Boundaries: width of the boundary region as a part of the image's diagonal.</summary>
    public double DilationRatio { get; init; } = 0.02;

    /// <inheritdoc/>
    public override AnnotationParts Parts => Kind is IouKind.Boxes ? AnnotationParts.Boxes : AnnotationParts.Segmentations;

    /// <summary>As for all protocols; for the fixed ones without a limit, because theirs is over all images.</summary>
    public override int DetectionsPerImage => Limit is LvisLimit.Category ? int.MaxValue : base.DetectionsPerImage;

    /// <inheritdoc/>
    internal override CurveRule CurveRule => CurveRule.Coco with { LimitsPerCategory = Limit is LvisLimit.Category };

    /// <inheritdoc/>
    internal override MatchInput Prepare(Dataset dataset, DetectionTable detections, Warnings warnings, int threads, CancellationToken ct)
        => LvisInput.From(dataset, detections, this, warnings, threads, ct);

    /// <inheritdoc/>
    internal override IEnumerable<string> WarningsOf(MatchInput input) => Limit is LvisLimit.Category ? LvisWarnings.ShortLists(input, this) : [];

    /// <inheritdoc/>
    internal override IReadOnlyList<Metric> Headline(MatchInput input, Dataset dataset) => LvisSummary.Of(this, dataset.Categories);

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (Limit is LvisLimit.Image && MaxDetections.Distinct().Count() > 1)
            yield return Invariant($"MaxDetections holds {string.Join(", ", MaxDetections)}; the limit cuts an image's detections of all categories before anything else, so one number is allowed.");
        if (Limit is LvisLimit.Category && !UseCategories)
            yield return "UseCategories is false; fixed AP limits the detections of each category, so categories cannot be pooled.";
        if (Kind is IouKind.Boundaries && !(DilationRatio is > 0 and <= 1))
            yield return Invariant($"DilationRatio is {DilationRatio}; it must be above 0 and at most 1.");
    }
}
