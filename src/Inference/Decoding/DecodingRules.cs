using System.Globalization;

namespace Serve.Inference.Decoding;

/// <summary>What a decoding has to keep, whatever the graph.</summary>
internal static class DecodingRules
{
    private const string Path = "decoding";

    // Each candidate is compared with all of the square.
    private const int LargestPeakKernel = 31;

    /// <summary>Faults of a decoding, each with its field.</summary>
    public static IEnumerable<string> Faults(DecodingSpec spec) =>
    [
        .. PartRules.Faults($"{Path}.boxes", spec.Boxes, spec.Grid, many: true),
        .. PartRules.Faults($"{Path}.scores", spec.Scores, spec.Grid, many: spec.Labels is null),
        .. spec.Sizes is null ? [] : PartRules.Faults($"{Path}.sizes", spec.Sizes, spec.Grid, many: true),
        .. Part("labels", spec.Labels, spec), .. Part("objectness", spec.Objectness, spec), .. Part("batchIndex", spec.BatchIndex, spec),
        .. CountFaults(spec), .. CodeFaults(spec), .. GridFaults(spec.Grid), .. ScoreFaults(spec), .. LimitFaults(spec),
        .. MaskFaults(spec), .. KeypointFaults(spec),
    ];

    private static IEnumerable<string> Part(string name, TensorPart? part, DecodingSpec spec)
        => part is null ? [] : PartRules.Faults($"{Path}.{name}", part, spec.Grid, many: false);

    private static IEnumerable<string> CountFaults(DecodingSpec spec)
    {
        if (spec.Count is { } count)
        {
            if (count.Outputs.Count != 1 || count.Outputs[0].Length == 0)
                yield return $"{Path}.count.outputs: expected one name, got {count.Outputs.Count}";
            if (count.Axes.AsSpan().ContainsAnyExcept("bc1"))
                yield return $"{Path}.count.axes: '{count.Axes}' may hold only b, c and 1";
        }

        if (spec.BatchIndex is not null && spec.Boxes.Axes.Contains('b', StringComparison.Ordinal))
            yield return $"{Path}.batchIndex: the boxes have an axis b, which tells the picture already";
        if (spec.Selected is { Length: 0 })
            yield return $"{Path}.selected: is empty";
        if (spec.Selected is not null && spec.Labels is not null)
            yield return $"{Path}.selected: names the category of a row; labels have to be left out";
    }

    private static IEnumerable<string> CodeFaults(DecodingSpec spec)
    {
        var (needsGrid, needsAnchors) = (IsRelative(spec.Code), spec.Code is BoxCode.Deltas or BoxCode.DeltasYx or BoxCode.LinearDeltas or BoxCode.YoloExp or BoxCode.YoloSquare);
        var code = Name(spec.Code);
        if (needsGrid && spec.Grid is null)
            yield return $"{Path}.code: '{code}' needs a grid";
        if (needsAnchors && spec.Grid is { Anchors.Count: 0 })
            yield return $"{Path}.code: '{code}' needs anchors (grid.anchors)";
        if (spec.Sizes is not null && spec.Code == BoxCode.Distribution)
            yield return $"{Path}.sizes: '{code}' has all its channels in boxes";
        if (spec.Code is BoxCode.Distances && spec.Units is not (BoxUnits.Input or BoxUnits.Stride))
            yield return $"{Path}.units: '{code}' is in input pixels or strides, not '{Name(spec.Units)}'";
        if (spec.Code is BoxCode.Distribution && spec.Units is not (BoxUnits.Input or BoxUnits.Stride))
            yield return $"{Path}.units: '{code}' is in strides, not '{Name(spec.Units)}'";
        if (needsGrid && spec.Code is not (BoxCode.Distances or BoxCode.Distribution) && spec.Units != BoxUnits.Input)
            yield return $"{Path}.units: '{code}' gives input pixels, not '{Name(spec.Units)}'";
        if (!needsGrid && spec.Units == BoxUnits.Stride)
            yield return $"{Path}.units: 'stride' is for the codes distances and distribution, not '{code}'";
        if (spec.Variances.Count != 2 || !spec.Variances.All(factor => double.IsFinite(factor) && factor != 0))
            yield return $"{Path}.variances: expected 2 numbers other than 0, got [{string.Join(", ", spec.Variances)}]";
        if (spec.LargestLogSize is { } largest && !(largest > 0 && double.IsFinite(largest)))
            yield return $"{Path}.largestLogSize: {largest} is not above 0";
        if (spec.Boxes.Activation == Activation.Softmax || (spec.Boxes.Activation != Activation.None && spec.Code is BoxCode.YoloExp or BoxCode.YoloSquare or BoxCode.Distribution))
            yield return $"{Path}.boxes.activation: '{Name(spec.Boxes.Activation)}' is not for boxes of the code '{code}'";
    }

    private static IEnumerable<string> GridFaults(GridSpec? grid)
    {
        if (grid is null)
            yield break;
        var levels = grid.Strides.Count;
        if (levels == 0 || !grid.Strides.All(stride => stride > 0 && double.IsFinite(stride)))
            yield return $"{Path}.grid.strides: expected numbers above 0, got [{string.Join(", ", grid.Strides)}]";
        if (grid.Maps.Count > 0 && (grid.Maps.Count != levels || !grid.Maps.All(map => map.Count == 2 && map.All(side => side is > 0 and < 1 << 14))))
            yield return $"{Path}.grid.maps: expected width and height of {levels} levels, got [{string.Join(", ", grid.Maps.Select(map => $"[{string.Join(", ", map)}]"))}]";
        if (!double.IsFinite(grid.Offset))
            yield return $"{Path}.grid.offset: {grid.Offset} is not a number";
        if (grid.Anchors.Count > 0 && (grid.Anchors.Count != levels || grid.Anchors.Any(level => level.Count == 0)))
            yield return $"{Path}.grid.anchors: expected a list for each of {levels} levels, got [{string.Join(", ", grid.Anchors.Select(level => level.Count))}] anchors";
        if (grid.Anchors.Any(level => level.Any(anchor => anchor.Count != 2 || !anchor.All(side => side > 0 && double.IsFinite(side)))))
            yield return $"{Path}.grid.anchors: an anchor is a width and a height above 0";
        if (grid.CentreScales.Count > 0 && (grid.CentreScales.Count != levels || !grid.CentreScales.All(factor => factor > 0 && double.IsFinite(factor))))
            yield return $"{Path}.grid.centreScales: expected {levels} numbers above 0, got [{string.Join(", ", grid.CentreScales)}]";
        if (grid.PerCell is < 1 or > 1024)
            yield return $"{Path}.grid.perCell: {grid.PerCell} lies outside 1..1024";
    }

    private static IEnumerable<string> ScoreFaults(DecodingSpec spec)
    {
        if (spec.Score != ScoreRule.Category && spec.Objectness is null)
            yield return $"{Path}.score: '{Name(spec.Score)}' needs objectness";
        if (spec.Score == ScoreRule.Category && spec.Objectness is not null)
            yield return $"{Path}.score: 'category' leaves objectness unused; say what to do with it, or leave it out";
        if (spec.Choose == LabelRule.Every && (spec.Labels is not null || spec.Score == ScoreRule.Objectness))
            yield return $"{Path}.choose: 'every' needs a score a category";
        if (spec.Labels is not null && spec.Scores.Activation == Activation.Softmax)
            yield return $"{Path}.scores.activation: 'softmax' needs a channel a category";
        if (spec.Background is not (null or 0 or -1))
            yield return $"{Path}.background: {spec.Background} is neither 0 (the first) nor -1 (the last)";
        if (spec.Background is not null && spec.Labels is not null)
            yield return $"{Path}.background: labels name the category; say labelOffset";
        foreach (var (name, part) in ((string, TensorPart?)[])[("labels", spec.Labels), ("objectness", spec.Objectness), ("batchIndex", spec.BatchIndex)])
        {
            if (part is { Activation: Activation.Softmax } || (name != "objectness" && part is { Activation: not Activation.None }))
                yield return $"{Path}.{name}.activation: '{Name(part.Activation)}' has no meaning for one channel of {name}";
        }
    }

    private static IEnumerable<string> LimitFaults(DecodingSpec spec)
    {
        if (spec.PeakKernel is < 0 or > LargestPeakKernel || (spec.PeakKernel > 0 && spec.PeakKernel % 2 == 0))
            yield return $"{Path}.peakKernel: {spec.PeakKernel} is neither 0 nor an odd number up to {LargestPeakKernel}";
        if (spec.PeakKernel > 1 && spec.Grid is null)
            yield return $"{Path}.peakKernel: needs a grid";
        if (spec.Nms is { } nms && nms.Iou is not (>= 0 and <= 1))
            yield return $"{Path}.nms.iou: {nms.Iou.ToString(CultureInfo.InvariantCulture)} lies outside 0..1";
        if (spec.Nms is { MaxCandidates: < 0 })
            yield return $"{Path}.nms.maxCandidates: {spec.Nms.MaxCandidates} is below 0";
        if (spec.MaxDetections < 0)
            yield return $"{Path}.maxDetections: {spec.MaxDetections} is below 0";
    }

    private static IEnumerable<string> MaskFaults(DecodingSpec spec)
    {
        if (spec.Masks is not { } masks)
            yield break;
        var prototypes = masks.Frame == MaskFrame.Prototypes;
        if (masks.Output.Length == 0)
            yield return $"{Path}.masks.output: is empty";
        if (!PartRules.AreLetters(masks.Axes, prototypes ? "bcyx1" : "bncyx1") || !masks.Axes.Contains('y', StringComparison.Ordinal)
            || !masks.Axes.Contains('x', StringComparison.Ordinal) || !masks.Axes.Contains(prototypes ? 'c' : 'n', StringComparison.Ordinal))
        {
            yield return $"{Path}.masks.axes: '{masks.Axes}' needs {(prototypes ? "c, y and x" : "n, y and x")}, each once, and may have {(prototypes ? "b and 1" : "b, c and 1")}";
        }

        if (prototypes && masks.Coefficients is null)
            yield return $"{Path}.masks.coefficients: are missing; prototypes need them";
        if (!prototypes && masks.Coefficients is not null)
            yield return $"{Path}.masks.coefficients: only prototypes have them";
        if (masks.Coefficients is { } coefficients)
        {
            foreach (var fault in PartRules.Faults($"{Path}.masks.coefficients", coefficients, spec.Grid, many: true))
                yield return fault;
        }

        if (masks.Activation == Activation.Softmax)
            yield return $"{Path}.masks.activation: 'softmax' has no meaning for masks";
        if (!double.IsFinite(masks.Threshold))
            yield return $"{Path}.masks.threshold: {masks.Threshold} is not a number";
    }

    private static IEnumerable<string> KeypointFaults(DecodingSpec spec)
    {
        if (spec.Keypoints is not { } keypoints)
            yield break;
        foreach (var fault in PartRules.Faults($"{Path}.keypoints.part", keypoints.Part, spec.Grid, many: true))
            yield return fault;
        if (keypoints.Scores is { } scores)
        {
            foreach (var fault in PartRules.Faults($"{Path}.keypoints.scores", scores, spec.Grid, many: true))
                yield return fault;
            if (scores.Activation == Activation.Softmax)
                yield return $"{Path}.keypoints.scores.activation: 'softmax' has no meaning for scores of keypoints";
        }

        if (keypoints.Dimensions is not (2 or 3))
            yield return $"{Path}.keypoints.dimensions: {keypoints.Dimensions} is neither 2 nor 3";
        else if (keypoints.Part.Channels % keypoints.Dimensions != 0 || (keypoints.Part.Channels > 0 && keypoints.Names.Count > 0 && keypoints.Names.Count != keypoints.Part.Channels / keypoints.Dimensions))
            yield return $"{Path}.keypoints: {keypoints.Part.Channels} channels of {keypoints.Dimensions} each do not give {keypoints.Names.Count} keypoints";
        if (keypoints.Code is not (BoxCode.Xyxy or BoxCode.Deltas or BoxCode.GridExp or BoxCode.Distances))
            yield return $"{Path}.keypoints.code: '{Name(keypoints.Code)}' is none of xyxy, deltas, grid-exp, distances";
        else if (keypoints.Code != BoxCode.Xyxy && (spec.Grid is null || (keypoints.Code == BoxCode.Deltas && spec.Grid.Anchors.Count == 0)))
            yield return $"{Path}.keypoints.code: '{Name(keypoints.Code)}' needs a grid{(keypoints.Code == BoxCode.Deltas ? " with anchors" : "")}";
        if (keypoints.Code == BoxCode.Xyxy && spec.Units == BoxUnits.Stride)
            yield return $"{Path}.keypoints.code: plain coordinates are not in strides";
        if (keypoints.Part.Activation == Activation.Softmax || (keypoints.Part.Activation != Activation.None && (keypoints.Dimensions == 2 || keypoints.Scores is not null)))
            yield return $"{Path}.keypoints.part.activation: '{Name(keypoints.Part.Activation)}' is only for the score of a keypoint in the part itself, a sigmoid";
    }

    private static bool IsRelative(BoxCode code) => code is not (BoxCode.Xyxy or BoxCode.Yxyx or BoxCode.Xywh or BoxCode.Cxcywh or BoxCode.Cycxhw);

    private static string Name<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
