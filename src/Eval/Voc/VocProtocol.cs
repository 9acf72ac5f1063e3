using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Voc;

/// <summary>The Pascal VOC protocol as data: average precision of boxes at one overlap, usually 0.5.</summary>
/// <remarks>
/// Everingham et al., "The PASCAL Visual Object Classes (VOC) Challenge", IJCV 2010; the rules are those of the development kit (<c>VOCevaldet</c>, <c>VOCap</c>):
/// a detection takes the object of its category that it overlaps most, the earlier of equals, if the overlap is at least the threshold. If that object is marked
/// difficult (<see cref="GroundTruth.IsIgnored"/>), the detection counts neither way; if a better one has it already, the detection is false. There is no limit
/// of detections. Python versions that are widely copied ask for more than the threshold instead of at least; this is the development kit's rule.
/// Equal scores on different images are ranked by image id; under <see cref="Protocol.StrictReference"/> by their order in the file, as the development kit does.
/// </remarks>
public sealed record VocProtocol : Protocol
{
    private static readonly double[] ElevenPoints = Colon(0, 0.1, 10);

    private VocProtocol(bool elevenPoints)
    {
        IsElevenPoints = elevenPoints;
        RecallThresholds = elevenPoints ? ElevenPoints : Linspace(0, 1, 101);
    }

    /// <summary>The measure until 2009: <c>voc-2007</c>, the mean of precision at eleven recalls.</summary>
    public static VocProtocol Voc2007 { get; } = new(elevenPoints: true);

    /// <summary>The measure since 2010: <c>voc-2012</c>, the area under the curve.</summary>
    public static VocProtocol Voc2012 { get; } = new(elevenPoints: false);

    /// <summary>Whether average precision is the mean over <see cref="RecallThresholds"/>, rather than the area under the curve.</summary>
    public bool IsElevenPoints { get; }

    /// <summary>
    /// Whether a box holds the pixels of its right and bottom edge, as those of VOC do: x is <c>xmin</c>, the width is <c>xmax - xmin</c>, and it covers one pixel
    /// more than that in both directions. Overlap is then that of the development kit. False takes coordinates as continuous, as COCO does.
    /// </summary>
    /// <remarks>Ground truths and detections must be in one frame: VOC's corners count pixels from 1.</remarks>
    public bool InclusivePixels { get; init; } = true;

    /// <inheritdoc/>
    public override string Name => IsElevenPoints ? "voc-2007" : "voc-2012";

    /// <inheritdoc/>
    public override string Description => IsElevenPoints
        ? "Pascal VOC boxes until 2009: mean over categories of the precision at eleven recalls, IoU 0.5, difficult objects ignored."
        : "Pascal VOC boxes since 2010: mean over categories of the area under the precision-recall curve, IoU 0.5, difficult objects ignored.";

    /// <inheritdoc/>
    public override string HeadlineNumber => VocSummary.MeanPrecision;

    /// <summary>Overlaps that make a match, above 0 to 1. By default 0.5. [T]</summary>
    public override IReadOnlyList<double> IouThresholds { get; init; } = [0.5];

    /// <summary>
    /// Recalls at which precision is read, 0 to 1. [R] For voc-2007 eleven, computed as the development kit does (Matlab's <c>0:0.1:1</c>, from both ends). For
    /// voc-2012 101, which show the curve and make no number.
    /// </summary>
    public override IReadOnlyList<double> RecallThresholds { get; init; }

    /// <summary>Limits of detections for each image and category; any order. [M] By default there is none: the largest integer.</summary>
    public override IReadOnlyList<int> MaxDetections { get; init; } = [int.MaxValue];

    /// <summary>Areas of boxes evaluated separately, in square pixels, which VOC does not do: by default one range with all. [A]</summary>
    public override IReadOnlyList<AreaRange> AreaRanges { get; init; } = [new("all", 0, double.MaxValue)];

    /// <inheritdoc/>
    public override AnnotationParts Parts => AnnotationParts.Boxes;

    /// <inheritdoc/>
    internal override CurveRule CurveRule => new(Epsilon: 0, Area: !IsElevenPoints) { TiesInFileOrder = StrictReference };

    /// <inheritdoc/>
    internal override MatchInput Prepare(Dataset dataset, DetectionTable detections, Warnings warnings, int threads, CancellationToken ct)
        => VocInput.From(dataset, detections, this, warnings, threads, ct);

    /// <inheritdoc/>
    internal override IReadOnlyList<Metric> Headline(MatchInput input, Dataset dataset) => VocSummary.Of(this);

    /// <inheritdoc/>
    protected override IEnumerable<string> Problems()
    {
        foreach (var problem in base.Problems())
            yield return problem;
        if (IouThresholds.Any(threshold => threshold <= 0))
            yield return "IouThresholds holds 0; boxes that do not touch never match under VOC, so a threshold must be above 0.";
    }

    /// <summary>Matlab's colon: the first half counted from the start, the second from the end.</summary>
    private static double[] Colon(double start, double step, int count)
    {
        var end = start + (count * step);
        var values = new double[count + 1];
        for (var i = 0; i <= count / 2; i++)
            (values[i], values[count - i]) = (start + (i * step), end - (i * step));
        return values;
    }
}
