using System.Text.Json.Serialization;
using Serve.Inference.Wire;

namespace Serve.Inference.Decoding;

/// <summary>
/// How detections stand in a model's outputs, as data: what a family's file writes and a passport may say itself, so that a detector of a family that is
/// not known can be served without new code.
/// </summary>
/// <remarks>
/// A model gives candidates at N locations. Each candidate has a box code, class scores or a label, and where the family has it an objectness, mask
/// coefficients and keypoints; each is a run of channels in one or several tensors (<see cref="TensorPart"/>). Decoding: score by <see cref="Score"/>,
/// drop what is below the threshold, turn codes into boxes (<see cref="Code"/>, <see cref="Grid"/>, <see cref="Units"/>), suppress (<see cref="Nms"/>), map to
/// the original picture.
/// </remarks>
public sealed record DecodingSpec
{
    /// <summary>Box codes, 4 channels a location (4 x bins for <see cref="BoxCode.Distribution"/>).</summary>
    public required TensorPart Boxes { get; init; }

    /// <summary>The last two channels of the box code, where they are another output's; <see cref="Boxes"/> has the first two then. Null where boxes have all four.</summary>
    public TensorPart? Sizes { get; init; }

    /// <summary>Scores: a channel a category, or one channel where <see cref="Labels"/> names the category.</summary>
    public required TensorPart Scores { get; init; }

    /// <summary>Labels, one channel; null where each category has a score channel.</summary>
    public TensorPart? Labels { get; init; }

    /// <summary>Objectness or centreness, one channel; null where there is none.</summary>
    public TensorPart? Objectness { get; init; }

    /// <summary>Number of rows that count, one value a picture; null where all do.</summary>
    public TensorPart? Count { get; init; }

    /// <summary>Index of the picture a row belongs to, one channel, for outputs that hold the rows of all pictures together; null where the axes tell.</summary>
    public TensorPart? BatchIndex { get; init; }

    /// <summary>
    /// Rows (picture, category, location) int64 [M, 3] that a NonMaxSuppression inside the graph selected; only they are detections. Null where there is none.
    /// </summary>
    public string? Selected { get; init; }

    /// <summary>What the box channels mean.</summary>
    public BoxCode Code { get; init; } = BoxCode.Xyxy;

    /// <summary>The unit of decoded boxes.</summary>
    public BoxUnits Units { get; init; } = BoxUnits.Input;

    /// <summary>Factors of <see cref="BoxCode.Deltas"/>: centre and size; SSD has 0.1 and 0.2.</summary>
    public IReadOnlyList<double> Variances { get; init; } = [1, 1];

    /// <summary>Largest log-size of <see cref="BoxCode.Deltas"/>, as detectors of the R-CNN line clamp it (log(1000 / 16)); null for no limit.</summary>
    public double? LargestLogSize { get; init; }

    /// <summary>Where candidates lie; needed by codes that are relative to a place.</summary>
    public GridSpec? Grid { get; init; }

    /// <summary>How the score of a candidate comes about.</summary>
    public ScoreRule Score { get; init; } = ScoreRule.Category;

    /// <summary>Which categories of a location become detections.</summary>
    public LabelRule Choose { get; init; } = LabelRule.Best;

    /// <summary>Score channel that stands for "nothing here": 0, or -1 for the last; null where there is none.</summary>
    public int? Background { get; init; }

    /// <summary>Subtracted from labels before they index the categories (1 where 0 is the background or ids begin at 1). Negative results are empty rows.</summary>
    public int LabelOffset { get; init; }

    /// <summary>Labels are ids of the passport's categories, not places in its list.</summary>
    public bool LabelsAreIds { get; init; }

    /// <summary>Keeps only locations whose score is the highest in a square of so many cells, an odd number up to 31; 0 for all (centre heat maps have 3).</summary>
    public int PeakKernel { get; init; }

    /// <summary>Suppression of overlapping boxes; null where the graph did it or none is needed.</summary>
    public NmsSpec? Nms { get; init; }

    /// <summary>Most detections of a picture that the model itself gives, by score; 0 for no limit of its own.</summary>
    public int MaxDetections { get; init; }

    /// <summary>Instance masks; null where there are none.</summary>
    public MaskSpec? Masks { get; init; }

    /// <summary>Keypoints; null where there are none.</summary>
    public KeypointSpec? Keypoints { get; init; }
}

/// <summary>A run of channels at every location of one or several tensors.</summary>
public sealed record TensorPart
{
    /// <summary>Names of the graph's outputs; several are the levels of a pyramid, their locations one after the other.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>
    /// Meaning of each dimension, a letter each: <c>b</c> picture, <c>n</c> location, <c>c</c> channel, <c>y</c> row, <c>x</c> column, <c>a</c> anchor of a cell,
    /// <c>k</c> anchor and channel in one (k = a * channels + c), <c>p</c> keypoint, right before <c>c</c>: its channels then run on (p * sides of c + c),
    /// <c>1</c> a dimension of one. Examples: <c>bnc</c>, <c>bcn</c>, <c>bayxc</c>, <c>bkyx</c>, <c>nc</c>,
    /// <c>bn</c>. Locations of maps run by row, column, anchor.
    /// </summary>
    public string Axes { get; init; } = "bnc";

    /// <summary>First channel.</summary>
    public int From { get; init; }

    /// <summary>Number of channels; 0 for all from <see cref="From"/> on.</summary>
    public int Channels { get; init; }

    /// <summary>Applied to the raw values.</summary>
    public Activation Activation { get; init; } = Activation.None;
}

/// <summary>A function of raw values.</summary>
[JsonConverter(typeof(KebabCaseConverter<Activation>))]
public enum Activation
{
    /// <summary>The values as they are.</summary>
    None,

    /// <summary>1 / (1 + exp(-v))</summary>
    Sigmoid,

    /// <summary>exp(v) / sum exp, over the channels of a location.</summary>
    Softmax,
}

/// <summary>What the four box channels of a location mean. p is the location's place, s its stride, a its anchor (w, h).</summary>
[JsonConverter(typeof(KebabCaseConverter<BoxCode>))]
public enum BoxCode
{
    /// <summary>Corners: left, top, right, bottom.</summary>
    Xyxy,

    /// <summary>Corners: top, left, bottom, right.</summary>
    Yxyx,

    /// <summary>Left, top, width, height.</summary>
    Xywh,

    /// <summary>Centre x, centre y, width, height.</summary>
    Cxcywh,

    /// <summary>Centre y, centre x, height, width.</summary>
    Cycxhw,

    /// <summary>
    /// Distances from the place to the left, top, right and bottom edge, in input pixels or strides as <see cref="DecodingSpec.Units"/> says; cut at the input's edges.
    /// </summary>
    Distances,

    /// <summary>
    /// Distances as distributions: 4 x bins logits; the softmax's expectation over 0..bins-1 is the distance in strides (generalised focal loss); cut at the
    /// input's edges.
    /// </summary>
    Distribution,

    /// <summary>Deltas to the anchor in the order x, y, w, h: centre = d * v0 * a + p, size = exp(d * v1) * a (SSD, R-CNN).</summary>
    Deltas,

    /// <summary>Deltas in the order y, x, h, w.</summary>
    DeltasYx,

    /// <summary>Deltas whose sizes are no logarithms: centre = d * v0 * a + p, size = d * v1 * a (BlazeFace).</summary>
    LinearDeltas,

    /// <summary>Centre = (d + cell) * s, size = exp(d) * s (YOLOX).</summary>
    GridExp,

    /// <summary>Centre = (d + cell) * s, size = exp(d) * a (YOLOv2 to v4; the sigmoid of the centre is applied here: channels are raw, see <see cref="GridSpec.CentreScales"/>).</summary>
    YoloExp,

    /// <summary>Centre = (2 sigmoid(d) - 0.5 + cell) * s, size = (2 sigmoid(d))^2 * a (YOLOv5 and v7; channels are raw).</summary>
    YoloSquare,

    /// <summary>Centre offset and size at a cell: centre = (cell + d) * s, size = d * s (centre heat maps: the first two channels are the offset).</summary>
    CentreSize,
}

/// <summary>The unit of boxes. In JSON: <c>input</c>, <c>input-normalised</c>, <c>original</c>, <c>original-normalised</c>, <c>stride</c>.</summary>
[JsonConverter(typeof(KebabCaseConverter<BoxUnits>))]
public enum BoxUnits
{
    /// <summary>Pixels of the input tensor.</summary>
    Input,

    /// <summary>Fractions of the input tensor's sides.</summary>
    InputNormalised,

    /// <summary>Pixels of the original picture.</summary>
    Original,

    /// <summary>Fractions of the original picture's sides.</summary>
    OriginalNormalised,

    /// <summary>Strides of the location: for <see cref="BoxCode.Distances"/> and <see cref="BoxCode.Distribution"/>.</summary>
    Stride,
}

/// <summary>The places of candidates: the cells of feature maps, level by level, row by row, and at each cell its anchors.</summary>
public sealed record GridSpec
{
    /// <summary>Input pixels from one cell to the next, a number a level.</summary>
    public required IReadOnlyList<double> Strides { get; init; }

    /// <summary>
    /// Width and height in cells, a pair a level, where they are not ceil(side / stride). Places are then at (i + offset) / cells of the side (SSD), else at
    /// (i + offset) * stride.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<int>> Maps { get; init; } = [];

    /// <summary>Where in its cell a place lies: 0.5 in the middle, 0 at the corner.</summary>
    public double Offset { get; init; } = 0.5;

    /// <summary>Anchors (width, height) in input pixels, a list a level; empty where a cell is one location without an anchor.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<double>>> Anchors { get; init; } = [];

    /// <summary>
    /// Factor by which the sigmoid of <see cref="BoxCode.YoloExp"/> is spread about the middle of its cell, a number a level (YOLOv4's scale_x_y); empty for 1.
    /// </summary>
    public IReadOnlyList<double> CentreScales { get; init; } = [];

    /// <summary>Locations at a cell, where they have no anchors; ignored where they have.</summary>
    public int PerCell { get; init; } = 1;

    /// <summary>In a flat list of locations, the anchor is the outermost index of a level (anchor, row, column), not the innermost (row, column, anchor).</summary>
    public bool AnchorFirst { get; init; }

    /// <summary>Centre, width and height of anchors are each cut to the input's size, as the SSD detectors do that clip them.</summary>
    public bool ClipAnchors { get; init; }
}

/// <summary>How the score of a candidate comes about. In JSON: <c>category</c>, <c>objectness-times-category</c>, ...</summary>
[JsonConverter(typeof(KebabCaseConverter<ScoreRule>))]
public enum ScoreRule
{
    /// <summary>The category's score.</summary>
    Category,

    /// <summary>Objectness times the category's score.</summary>
    ObjectnessTimesCategory,

    /// <summary>The root of objectness times the category's score (FCOS and its kin).</summary>
    RootOfProduct,

    /// <summary>Objectness alone; the categories only compete.</summary>
    Objectness,
}

/// <summary>Which categories of a location become detections. In JSON: <c>best</c>, <c>every</c>.</summary>
[JsonConverter(typeof(KebabCaseConverter<LabelRule>))]
public enum LabelRule
{
    /// <summary>The one with the highest score, the first of equals.</summary>
    Best,

    /// <summary>Every one at or above the threshold.</summary>
    Every,
}

/// <summary>Suppression of boxes that overlap a better one.</summary>
public sealed record NmsSpec
{
    /// <summary>Boxes that overlap a kept one by more than this (intersection over union) are dropped.</summary>
    public required double Iou { get; init; }

    /// <summary>Only boxes of the same category suppress each other.</summary>
    public bool PerCategory { get; init; } = true;

    /// <summary>Most candidates that are looked at, by score; 0 for all.</summary>
    public int MaxCandidates { get; init; }
}

/// <summary>Where masks come from. In JSON: <c>prototypes</c>, <c>input</c>, <c>box</c>, <c>original</c>.</summary>
[JsonConverter(typeof(KebabCaseConverter<MaskFrame>))]
public enum MaskFrame
{
    /// <summary>Each location has coefficients; their product with the prototypes [B, K, h, w], which cover the input, gives the mask.</summary>
    Prototypes,

    /// <summary>A mask a location that covers the input.</summary>
    Input,

    /// <summary>A mask a location that covers its box (R-CNN heads).</summary>
    Box,

    /// <summary>A mask a location that covers the original picture.</summary>
    Original,
}

/// <summary>Instance masks.</summary>
public sealed record MaskSpec
{
    /// <summary>What a mask covers.</summary>
    public required MaskFrame Frame { get; init; }

    /// <summary>Output with the prototypes [B, K, h, w], or with the masks: axes <c>bnyx</c>, <c>nyx</c>, <c>n1yx</c>, <c>bncyx</c> (c a category), ...</summary>
    public required string Output { get; init; }

    /// <summary>Dimensions of <see cref="Output"/>, letters as in <see cref="TensorPart.Axes"/>.</summary>
    public string Axes { get; init; } = "bcyx";

    /// <summary>Coefficients, for <see cref="MaskFrame.Prototypes"/>.</summary>
    public TensorPart? Coefficients { get; init; }

    /// <summary>Applied to values before they are interpolated and compared.</summary>
    public Activation Activation { get; init; } = Activation.None;

    /// <summary>Pixels whose value is above this belong to the mask: 0 for logits, 0.5 for probabilities.</summary>
    public double Threshold { get; init; }

    /// <summary>The mask ends at the box.</summary>
    public bool CutAtBox { get; init; } = true;
}

/// <summary>Keypoints of a detection.</summary>
public sealed record KeypointSpec
{
    /// <summary>The channels: for each keypoint x, y and, where <see cref="Dimensions"/> is 3, a score.</summary>
    public required TensorPart Part { get; init; }

    /// <summary>Scores of the keypoints, a channel each, where they are another output's; null where <see cref="Part"/> has them, or nobody.</summary>
    public TensorPart? Scores { get; init; }

    /// <summary>2 or 3 channels a keypoint; the third is a score, or passed over where <see cref="Scores"/> are given.</summary>
    public int Dimensions { get; init; } = 2;

    /// <summary>
    /// What the coordinates mean: <see cref="BoxCode.Xyxy"/> plain coordinates in <see cref="DecodingSpec.Units"/>, <see cref="BoxCode.Deltas"/> p + d * v0 * a,
    /// <see cref="BoxCode.GridExp"/> (d + cell) * s, <see cref="BoxCode.Distances"/> p + d * s.
    /// </summary>
    public BoxCode Code { get; init; } = BoxCode.Xyxy;

    /// <summary>Names of the keypoints, in order; empty where they have none.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}
