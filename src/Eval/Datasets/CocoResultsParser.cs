using System.Runtime.CompilerServices;
using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>What the first detection of a results file has, which decides how all are read.</summary>
internal enum ResultsShape
{
    /// <summary>There was no detection yet.</summary>
    Unknown,

    /// <summary>Boxes; areas are theirs.</summary>
    Boxes,

    /// <summary>Masks; areas are theirs, and boxes too where they are missing.</summary>
    Masks,

    /// <summary>Keypoints; boxes and areas are those around them.</summary>
    Keypoints,
}

/// <summary>Reads parts of a COCO results file.</summary>
internal sealed unsafe class CocoResultsParser : DocumentParser
{
    private const string MaskAllowed = "{\"size\": [height, width], \"counts\": \"compressed run lengths\"}";
    private const string BoxAllowed = "[x, y, width, height]";

    private readonly RecordFields fields = new();
    private readonly NumberBuffer box = new();
    private readonly KeypointField keypoints;
    private readonly SegmentationField segmentation;

    private readonly int payload;
    private readonly DetectionFaults? faults;

    /// <summary>Makes a parser.</summary>
    /// <param name="parts">What is kept of detections beyond their boxes.</param>
    /// <param name="payload">Bytes of texts and numbers of masks expected in a part of the document.</param>
    /// <param name="faults">Takes the faults of detections, which are then left out; null where reading stops at the first.</param>
    public CocoResultsParser(AnnotationParts parts, int payload, DetectionFaults? faults = null)
        : base("detection")
    {
        (this.payload, this.faults) = (payload, faults);
        (keypoints, segmentation) = (new(fields), new(fields));
        Detections = new()
        {
            Keypoints = parts.HasFlag(AnnotationParts.Keypoints) ? new() : null,
            Segmentations = parts.HasFlag(AnnotationParts.Segmentations) ? new(payload) : null,
        };
    }

    /// <summary>Detections that were found.</summary>
    public DetectionTable Detections { get; }

    /// <summary>How detections are read.</summary>
    public ResultsShape Shape { get; set; }

    /// <inheritdoc/>
    protected override bool RootIsList => true;

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        Detections.Clear(payload);
    }

    /// <inheritdoc/>
    protected override ContentFault WrongRoot(byte first) => new(first == '{'
        ? "starts with an object, as a COCO dataset does; a results file is an array of {\"image_id\", \"category_id\", \"bbox\", \"score\"}."
        : "holds a single value; a results file is an array of {\"image_id\", \"category_id\", \"bbox\", \"score\"}.");

    /// <inheritdoc/>
    protected override int ListOf(ReadOnlySpan<byte> name) => -1;

    /// <inheritdoc/>
    protected override int GuessList(byte* record)
    {
        var walk = new ObjectWalk(record);
        return walk.MoveNext() && (walk.Is("image_id"u8) || walk.Is("category_id"u8) || walk.Is("bbox"u8) || walk.Is("score"u8) || walk.Is("segmentation"u8)
            || walk.Is("keypoints"u8) || walk.Is("id"u8) || walk.Is("area"u8)) ? 0 : -1;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override byte* Read(int list, byte* p)
    {
        if (Shape is ResultsShape.Unknown && (Shape = ShapeOf(p)) is ResultsShape.Unknown)
            return null;
        long? imageId = null, categoryId = null;
        double? score = null;
        fields.Begin();
        box.Clear();
        keypoints.Clear();
        segmentation.Clear();
        segmentation.Allowed = Shape is ResultsShape.Masks ? MaskAllowed : SegmentationField.AnyAllowed;
        var needsMask = Shape is ResultsShape.Masks || Detections.Segmentations is not null;
        var needsKeypoints = Shape is ResultsShape.Keypoints || Detections.Keypoints is not null;
        var walk = new ObjectWalk(p);
        while (walk.MoveNext())
        {
            var value = walk.Value;
            if (walk.Is("bbox"u8))
                walk.Pass(fields.Box(value, "bbox", box));
            else if (walk.Is("image_id"u8))
                walk.Pass(fields.Integer(value, "image_id", ref imageId));
            else if (walk.Is("category_id"u8))
                walk.Pass(fields.Integer(value, "category_id", ref categoryId));
            else if (walk.Is("score"u8))
                walk.Pass(fields.Number(value, "score", ref score));
            else if (needsMask && walk.Is("segmentation"u8))
                walk.Pass(segmentation.Read(value));
            else if (needsKeypoints && walk.Is("keypoints"u8))
                walk.Pass(keypoints.Read(value));
            else
                walk.Pass(JsonSyntax.AfterValue(value));
        }
        if (walk.End == null)
            return null;
        if (Add(imageId, categoryId, score))
            return walk.End;
        if (faults is null)
            return Fail(list, null, fields.Fault!);
        faults.Add(Counts[list], fields.Faults);
        return walk.End;
    }

    // As the reference decides, which looks only at which fields there are.
    private static ResultsShape ShapeOf(byte* first)
    {
        bool hasMask = false, hasKeypoints = false, hasBox = false;
        var walk = new ObjectWalk(first);
        while (walk.MoveNext())
        {
            var value = walk.Value;
            if (walk.Is("bbox"u8))
                hasBox = *value != '[' || *JsonSyntax.AfterSpace(value + 1) != ']';
            hasMask |= walk.Is("segmentation"u8);
            hasKeypoints |= walk.Is("keypoints"u8);
            walk.Pass(JsonSyntax.AfterValue(value));
        }
        return walk.End == null ? ResultsShape.Unknown
            : hasBox || (!hasMask && !hasKeypoints) ? ResultsShape.Boxes
            : hasMask ? ResultsShape.Masks : ResultsShape.Keypoints;
    }

    private bool Add(long? imageId, long? categoryId, double? score)
    {
        fields.Require(imageId.HasValue, "image_id", "an integer");
        fields.Require(categoryId.HasValue, "category_id", "an integer");
        fields.Require(score.HasValue, "score", "a finite number");
        var (x, y, width, height, area) = Shape switch
        {
            ResultsShape.Masks => MeasureMask(),
            ResultsShape.Keypoints => MeasureKeypoints(),
            _ => MeasureBox(),
        };
        if (fields.Fault is not null)
            return false;

        Detections.Add(imageId!.Value, categoryId!.Value, x, y, width, height, score!.Value, area);
        keypoints.AddTo(Detections.Keypoints);
        if (Detections.Segmentations is { } table)
            segmentation.AddTo(table);
        return true;
    }

    private (double X, double Y, double Width, double Height, double Area) MeasureBox()
    {
        fields.Require(box.Count > 0, "bbox", BoxAllowed);
        return fields.Fault is null ? (box[0], box[1], box[2], box[3], box[2] * box[3]) : default;
    }

    private (double X, double Y, double Width, double Height, double Area) MeasureMask()
    {
        // The reference takes no other masks, where there are no boxes beside them.
        if (!segmentation.IsPresent)
            fields.Require(false, "segmentation", $"{MaskAllowed}, as in the first detection");
        else if (segmentation.Kind is not SegmentationKind.Text)
            fields.Fail("segmentation", $"does not describe a mask; it must be {MaskAllowed}");
        if (fields.Fault is not null)
            return default;
        if (!segmentation.TryMeasure(out var mask))
        {
            fields.Fail("segmentation", $"does not describe a mask; it must be {MaskAllowed}");
            return default;
        }
        return box.Count > 0 ? (box[0], box[1], box[2], box[3], mask.Area) : (mask.X, mask.Y, mask.Width, mask.Height, mask.Area);
    }

    private (double X, double Y, double Width, double Height, double Area) MeasureKeypoints()
    {
        fields.Require(keypoints.IsPresent, "keypoints", "[x, y, v, …], as in the first detection");
        if (fields.Fault is not null)
            return default;
        var (x, y, width, height) = keypoints.Extent();
        return (x, y, width, height, width * height);
    }
}
