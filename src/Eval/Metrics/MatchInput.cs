namespace Serve.Eval.Metrics;

/// <summary>Which ground truth a detection may take.</summary>
public enum Assignment
{
    /// <summary>The best of those that are free: COCO, LVIS.</summary>
    BestFree,

    /// <summary>The best of all; where another detection has it already, the detection is a duplicate and matches none: Pascal VOC.</summary>
    BestOfAll,
}

/// <summary>
/// What a protocol hands to the matcher: detections and ground truths as columns, grouped by category and image. A position is an index into
/// these columns; a row is an index into the list that was given to the protocol.
/// </summary>
public sealed record MatchInput
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

    /// <summary>Relative scale of each detection (<see cref="SizeMeasure.RelativeScale"/>); null where no range is of relative scales. [D]</summary>
    public double[]? DetectionRelativeScales { get; init; }

    /// <summary>Relative scale of each ground truth (<see cref="SizeMeasure.RelativeScale"/>); null where no range is of relative scales. [G]</summary>
    public double[]? GroundTruthRelativeScales { get; init; }

    /// <summary>Ground truths that any number of detections may match. [G]</summary>
    public required bool[] IsCrowd { get; init; }

    /// <summary>Ground truths that nobody has to find, whatever their area. [G]</summary>
    public required bool[] IsIgnored { get; init; }

    /// <summary>Detections that count neither way where they match nothing (LVIS: of a category that is not annotated exhaustively). Null for none. [D]</summary>
    public bool[]? IsIgnoredUnmatched { get; init; }

    /// <summary>
    /// Ground truths with the id 0, where the reference is reproduced: it notes a match as the ground truth's id and no match as 0, so that a detection that
    /// matches such a ground truth uses it up and still counts as unmatched. Null for none. [G]
    /// </summary>
    public bool[]? HasZeroId { get; init; }

    /// <summary>How alike a detection and a ground truth are.</summary>
    public required IOverlap Overlap { get; init; }

    /// <summary>Which ground truth a detection may take.</summary>
    public Assignment Assignment { get; init; }

    /// <summary>Overlap that makes a match. [T]</summary>
    public required double[] IouThresholds { get; init; }

    /// <summary>Sizes evaluated separately. [A]</summary>
    public required AreaRange[] AreaRanges { get; init; }

    /// <summary>Size of a detection.</summary>
    public double DetectionSize(int detection, SizeMeasure measure) => measure switch
    {
        SizeMeasure.Area => DetectionAreas[detection],
        SizeMeasure.Scale => Math.Sqrt(DetectionAreas[detection]),
        _ => DetectionRelativeScales![detection],
    };

    /// <summary>Size of a ground truth.</summary>
    public double GroundTruthSize(int groundTruth, SizeMeasure measure) => measure switch
    {
        SizeMeasure.Area => GroundTruthAreas[groundTruth],
        SizeMeasure.Scale => Math.Sqrt(GroundTruthAreas[groundTruth]),
        _ => GroundTruthRelativeScales![groundTruth],
    };

    /// <summary>Whether a ground truth is left out of an area range's count.</summary>
    public bool Ignores(int groundTruth, AreaRange range) => IsIgnored[groundTruth] || !range.Contains(GroundTruthSize(groundTruth, range.Measure));

    /// <summary>Whether a detection that matches nothing is left out of an area range's count.</summary>
    public bool IgnoresUnmatched(int detection, AreaRange range)
        => !range.Contains(DetectionSize(detection, range.Measure)) || (IsIgnoredUnmatched is not null && IsIgnoredUnmatched[detection]);

    /// <summary>Whether a match with a ground truth is noted as none.</summary>
    internal bool IsUnnoted(int groundTruth) => HasZeroId is not null && HasZeroId[groundTruth];
}
