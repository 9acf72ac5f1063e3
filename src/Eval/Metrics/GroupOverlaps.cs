namespace Serve.Eval.Metrics;

/// <summary>The overlaps of one group after another, in memory that is used again. For one thread.</summary>
/// <param name="input">What is compared.</param>
internal sealed class GroupOverlaps(MatchInput input)
{
    // Small groups get room for larger ones to come; a large one gets what it needs.
    private const long LargestSpare = 1 << 20;

    private double[] overlaps = [];

    /// <summary>Overlap of every detection of a group with every ground truth of it.</summary>
    /// <returns>[group.DetectionCount, group.GroundTruthCount], row-major; valid until the next group.</returns>
    /// <exception cref="InvalidInputException">There are too many pairs, or something cannot be compared: a mask that cannot be drawn.</exception>
    public ReadOnlySpan<double> Of(PairGroup group)
    {
        var pairs = (long)group.DetectionCount * group.GroundTruthCount;
        if (pairs > Array.MaxLength)
            throw TooMany(group, pairs);
        if (pairs > overlaps.Length)
            overlaps = new double[Math.Max(pairs, Math.Min(2 * pairs, LargestSpare))];
        var found = overlaps.AsSpan(0, (int)pairs);
        input.Overlap.Compute(group, found);
        return found;
    }

    private InvalidInputException TooMany(PairGroup group, long pairs)
    {
        var category = input.CategoryIds is [-1] ? "all categories" : $"category id {input.CategoryIds[group.Category]}";
        return new($"image id {input.ImageIds[group.Image]}, {category}: {group.DetectionCount} detections and {group.GroundTruthCount} ground truths are {pairs} pairs; "
            + $"at most {Array.MaxLength} are allowed, so the detections need a limit (MaxDetections).");
    }
}
