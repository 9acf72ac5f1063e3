namespace Serve.Eval.Metrics;

/// <summary>How detections are ranked, how precision and recall become a curve, and the curve a number.</summary>
/// <param name="Epsilon">Added to the number of detections when precision is computed.</param>
/// <param name="Area">
/// False reads precision at recall thresholds, and average precision is their mean; true also integrates the curve exactly
/// (<see cref="PrecisionRecall.Areas"/>), and average precision is the area under it.
/// </param>
public readonly record struct CurveRule(double Epsilon, bool Area)
{
    /// <summary>COCO: numpy's spacing(1), the distance from 1 to the next double, keeps 0 / 0 away.</summary>
    public static CurveRule Coco { get; } = new(1.0 / (1L << 52), Area: false);

    /// <summary>
    /// What detection limits count: false for the detections of one image and category, true for those of one category over all images.
    /// </summary>
    public bool LimitsPerCategory { get; init; }

    /// <summary>
    /// How equal scores on different images are ranked: false by rising image id, so that the order of a file does not matter; true by row, as references do that
    /// sort the detections of a file. Rows of parts that come from different tables say nothing about each other.
    /// </summary>
    public bool TiesInFileOrder { get; init; }
}
