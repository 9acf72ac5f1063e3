namespace Serve.Eval.Metrics;

/// <summary>
/// How alike detections and ground truths are: the only thing that differs between boxes, masks and keypoints. Positions are those of
/// <see cref="MatchInput"/>. Called from several threads at once.
/// </summary>
public interface IOverlap
{
    /// <summary>Computes the overlap of every detection of a group with every ground truth of it.</summary>
    /// <param name="group">The image and category.</param>
    /// <param name="overlaps">[group.DetectionCount, group.GroundTruthCount], row-major; every element is written. 0 is none, 1 is equal.</param>
    void Compute(PairGroup group, Span<double> overlaps);
}
