namespace Serve.Eval.Metrics;

/// <summary>
/// What a protocol hands to the matcher: detections and ground truths as columns, grouped by category and image. A position is an index into
/// these columns; a row is an index into the list that was given to the protocol.
/// </summary>
public sealed class MatchInput
{
    /// <summary>Ids of the evaluated images, ascending. [I]</summary>
    public required long[] ImageIds { get; init; }

    /// <summary>Ids of the evaluated categories; -1 alone where categories are pooled. [K]</summary>
    public required long[] CategoryIds { get; init; }

    /// <summary>Groups with a detection or a ground truth, by rising category, then image.</summary>
    public required PairGroup[] Groups { get; init; }

    /// <summary>Row of each detection in the detection table. [D]</summary>
    public required int[] DetectionRows { get; init; }

    /// <summary>Score of each detection. [D]</summary>
    public required double[] Scores { get; init; }

    /// <summary>Area of each detection, square pixels. [D]</summary>
    public required double[] DetectionAreas { get; init; }

    /// <summary>Row of each ground truth in the dataset. [G]</summary>
    public required int[] GroundTruthRows { get; init; }

    /// <summary>Area of each ground truth, square pixels. [G]</summary>
    public required double[] GroundTruthAreas { get; init; }

    /// <summary>Ground truths that any number of detections may match. [G]</summary>
    public required bool[] IsCrowd { get; init; }

    /// <summary>Ground truths that nobody has to find, whatever their area. [G]</summary>
    public required bool[] IsIgnored { get; init; }

    /// <summary>
    /// Ground truths with the id 0. The reference notes a match as the ground truth's id and no match as 0, so that a detection that
    /// matches such a ground truth uses it up and still counts as unmatched. [G]
    /// </summary>
    public required bool[] HasZeroId { get; init; }

    /// <summary>How alike a detection and a ground truth are.</summary>
    public required IOverlap Overlap { get; init; }

    /// <summary>Overlap that makes a match. [T]</summary>
    public required double[] IouThresholds { get; init; }

    /// <summary>Areas evaluated separately. [A]</summary>
    public required AreaRange[] AreaRanges { get; init; }

    /// <summary>Whether a ground truth is left out of an area range's count.</summary>
    public bool Ignores(int groundTruth, AreaRange range) => IsIgnored[groundTruth] || !range.Contains(GroundTruthAreas[groundTruth]);
}
