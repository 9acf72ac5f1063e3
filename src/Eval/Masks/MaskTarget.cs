namespace Serve.Eval.Masks;

/// <summary>A ground truth's mask, made ready to be compared with many detections.</summary>
internal sealed class MaskTarget
{
    private readonly MaskRanks ranks = new();
    private long area;
    private bool hasEmptyRuns;

    /// <summary>The mask. After it was filled, <see cref="Prepare"/> must be called.</summary>
    public RunLengths Mask { get; } = new();

    /// <summary>Takes notice of a new mask.</summary>
    public void Prepare()
    {
        ranks.Build(Mask);
        area = Mask.Area;
        hasEmptyRuns = Mask.HasEmptyRuns;
    }

    /// <summary>Overlap with a detection: the same number as <see cref="MaskSets.Iou"/>.</summary>
    /// <param name="detection">The detection's mask.</param>
    /// <param name="detectionArea">Its area.</param>
    /// <param name="isCrowd">Whether the ground truth is a crowd.</param>
    public double Overlap(RunLengths detection, long detectionArea, bool isCrowd)
    {
        if (detection.Height != Mask.Height || detection.Width != Mask.Width)
            return MaskSets.BoxesOverlap(detection, Mask) ? -1 : 0;
        if (hasEmptyRuns && detection.HasEmptyRuns)
            return MaskSets.Iou(detection, Mask, isCrowd);
        var intersection = ranks.CountIn(detection.Ends);
        return intersection == 0 ? 0 : (double)intersection / (isCrowd ? detectionArea : detectionArea + area - intersection);
    }
}
