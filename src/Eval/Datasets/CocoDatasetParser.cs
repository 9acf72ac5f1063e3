using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>Reads parts of a COCO annotation file: the records of its three lists.</summary>
internal sealed unsafe class CocoDatasetParser : DocumentParser
{
    /// <summary>Names of the lists.</summary>
    public static readonly string[] Lists = ["images", "categories", "annotations"];

    /// <summary>Place of the images in <see cref="Lists"/>.</summary>
    public const int ImageList = 0;

    private const int CategoryList = 1;
    private const int AnnotationList = 2;

    private readonly RecordFields fields = new();
    private readonly NumberBuffer box = new();
    private readonly KeypointField keypoints;
    private readonly SegmentationField segmentation;
    private readonly int payload;
    private GroundTruth[] groundTruths = new GroundTruth[64];
    private int groundTruthCount;

    /// <summary>Makes a parser.</summary>
    /// <param name="parts">What is kept of annotations beyond their boxes.</param>
    /// <param name="payload">Bytes of texts and numbers of masks expected in a part of the document.</param>
    public CocoDatasetParser(AnnotationParts parts, int payload)
        : base("image", "category", "annotation")
    {
        this.payload = payload;
        (keypoints, segmentation) = (new(fields), new(fields));
        Keypoints = parts.HasFlag(AnnotationParts.Keypoints) ? new() : null;
        Segmentations = parts.HasFlag(AnnotationParts.Segmentations) ? new(payload) : null;
    }

    /// <summary>Images that were found.</summary>
    public List<ImageEntry> Images { get; } = [];

    /// <summary>Categories that were found.</summary>
    public List<Category> Categories { get; } = [];

    /// <summary>Objects that were found.</summary>
    public ReadOnlySpan<GroundTruth> GroundTruths => groundTruths.AsSpan(0, groundTruthCount);

    /// <summary>Their segmentations; null where they are not wanted.</summary>
    public SegmentationTable? Segmentations { get; private set; }

    /// <summary>Their keypoints; null where they are not wanted.</summary>
    public KeypointTable? Keypoints { get; }

    /// <inheritdoc/>
    protected override bool RootIsList => false;

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        Images.Clear();
        Categories.Clear();
        groundTruthCount = 0;
        Keypoints?.Clear();
        // The blocks of the old one belong to whoever took it.
        Segmentations = Segmentations is null ? null : new(payload);
    }

    /// <inheritdoc/>
    protected override ContentFault WrongRoot(byte first) => new(first == '['
        ? "starts with an array, as a list of detections does; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\"."
        : "holds a single value; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\".");

    /// <inheritdoc/>
    protected override int ListOf(ReadOnlySpan<byte> name)
        => name.SequenceEqual("images"u8) ? ImageList
        : name.SequenceEqual("categories"u8) ? CategoryList
        : name.SequenceEqual("annotations"u8) ? AnnotationList : -1;

    /// <inheritdoc/>
    protected override int GuessList(byte* record)
    {
        var walk = new ObjectWalk(record);
        while (walk.MoveNext())
        {
            if (walk.Is("image_id"u8) || walk.Is("bbox"u8) || walk.Is("segmentation"u8) || walk.Is("category_id"u8) || walk.Is("area"u8)
                || walk.Is("iscrowd"u8) || walk.Is("num_keypoints"u8))
                return AnnotationList;
            if (walk.Is("file_name"u8) || walk.Is("width"u8) || walk.Is("height"u8) || walk.Is("license"u8) || walk.Is("coco_url"u8)
                || walk.Is("flickr_url"u8) || walk.Is("date_captured"u8) || walk.Is("neg_category_ids"u8) || walk.Is("not_exhaustive_category_ids"u8))
                return ImageList;
            if (walk.Is("supercategory"u8) || walk.Is("name"u8) || walk.Is("frequency"u8) || walk.Is("synset"u8))
                return CategoryList;
            // Keypoints and ids are in several kinds of records, but nothing else begins a record that is worth a guess.
            if (!walk.Is("id"u8) && !walk.Is("keypoints"u8))
                return -1;
            walk.Pass(JsonSyntax.AfterValue(walk.Value));
        }
        return -1;
    }

    /// <inheritdoc/>
    protected override byte* Read(int list, byte* p)
    {
        fields.Begin();
        return list switch
        {
            ImageList => ReadImage(p),
            CategoryList => ReadCategory(p),
            _ => ReadAnnotation(p),
        };
    }

    private byte* ReadImage(byte* p)
    {
        long? id = null, width = 0, height = 0;
        string? fileName = null, url = null;
        IReadOnlyList<long> negative = [], notExhaustive = [];
        var walk = new ObjectWalk(p);
        while (walk.MoveNext())
        {
            var value = walk.Value;
            walk.Pass(walk.Is("id"u8) ? fields.Integer(value, "id", ref id)
                : walk.Is("file_name"u8) ? fields.Text(value, "file_name", ref fileName)
                : walk.Is("width"u8) ? fields.Integer(value, "width", ref width)
                : walk.Is("height"u8) ? fields.Integer(value, "height", ref height)
                : walk.Is("coco_url"u8) && *value == '"' ? fields.Text(value, "coco_url", ref url)
                : walk.Is("neg_category_ids"u8) ? fields.Integers(value, "neg_category_ids", ref negative)
                : walk.Is("not_exhaustive_category_ids"u8) ? fields.Integers(value, "not_exhaustive_category_ids", ref notExhaustive)
                : JsonSyntax.AfterValue(value));
        }
        if (walk.End == null)
            return null;
        RequireSide("width", width);
        RequireSide("height", height);
        fields.Require(id.HasValue, "id", "an integer");
        if (fields.Fault is not null)
            return Fail(ImageList, id, fields.Fault);
        // LVIS names the picture only by its address.
        var name = string.IsNullOrEmpty(fileName) ? url?[(url.LastIndexOf('/') + 1)..] ?? "" : fileName;
        Images.Add(new(id!.Value, name, (int)width!.Value, (int)height!.Value) { NegativeCategoryIds = negative, NotExhaustiveCategoryIds = notExhaustive });
        return walk.End;
    }

    private byte* ReadCategory(byte* p)
    {
        long? id = null;
        string? name = null, supercategory = null, frequency = null;
        IReadOnlyList<string>? keypointNames = null;
        var walk = new ObjectWalk(p);
        while (walk.MoveNext())
        {
            var value = walk.Value;
            walk.Pass(walk.Is("id"u8) ? fields.Integer(value, "id", ref id)
                : walk.Is("name"u8) ? fields.Text(value, "name", ref name)
                : walk.Is("supercategory"u8) ? fields.Text(value, "supercategory", ref supercategory)
                : walk.Is("frequency"u8) ? fields.Text(value, "frequency", ref frequency)
                : walk.Is("keypoints"u8) ? fields.Texts(value, "keypoints", ref keypointNames)
                : JsonSyntax.AfterValue(value));
        }
        if (walk.End == null)
            return null;
        fields.Require(id.HasValue, "id", "an integer");
        if (fields.Fault is not null)
            return Fail(CategoryList, id, fields.Fault);
        Categories.Add(new(id!.Value, name ?? $"{id}", supercategory) { Frequency = frequency, Keypoints = keypointNames });
        return walk.End;
    }

    private byte* ReadAnnotation(byte* p)
    {
        long? id = null, imageId = null, categoryId = null, labelled = null;
        double? area = null;
        bool isCrowd = false, isIgnored = false, isDifficult = false;
        box.Clear();
        keypoints.Clear();
        segmentation.Clear();
        var walk = new ObjectWalk(p);
        while (walk.MoveNext())
        {
            var value = walk.Value;
            walk.Pass(walk.Is("segmentation"u8) ? Segmentations is null ? JsonSyntax.AfterValue(value) : segmentation.Read(value)
                : walk.Is("bbox"u8) ? fields.Box(value, "bbox", box)
                : walk.Is("image_id"u8) ? fields.Integer(value, "image_id", ref imageId)
                : walk.Is("category_id"u8) ? fields.Integer(value, "category_id", ref categoryId)
                : walk.Is("id"u8) ? fields.Integer(value, "id", ref id)
                : walk.Is("area"u8) ? fields.Number(value, "area", ref area)
                : walk.Is("iscrowd"u8) ? fields.Flag(value, "iscrowd", ref isCrowd)
                : walk.Is("keypoints"u8) && Keypoints is not null ? keypoints.Read(value)
                : walk.Is("num_keypoints"u8) && Keypoints is not null ? fields.Integer(value, "num_keypoints", ref labelled)
                : walk.Is("ignore"u8) ? fields.Flag(value, "ignore", ref isIgnored)
                : walk.Is("difficult"u8) ? fields.Flag(value, "difficult", ref isDifficult)
                : JsonSyntax.AfterValue(value));
        }
        if (walk.End == null)
            return null;
        fields.Require(id.HasValue, "id", "an integer");
        fields.Require(imageId.HasValue, "image_id", "an integer");
        fields.Require(categoryId.HasValue, "category_id", "an integer");
        if (box.Count == 0)
            TakeBoxOfMask(area);
        if (fields.Fault is not null)
            return Fail(AnnotationList, id, fields.Fault);
        Add(new(id!.Value, imageId!.Value, categoryId!.Value, box[0], box[1], box[2], box[3], area ?? (box[2] * box[3]), isCrowd)
        {
            IsIgnored = isIgnored || isDifficult,
        });
        keypoints.AddTo(Keypoints, (int)Math.Clamp(labelled ?? -1, -1, int.MaxValue));
        if (Segmentations is not null)
            segmentation.AddTo(Segmentations);
        return walk.End;
    }

    // The evaluation of masks needs no boxes; then the area must be given, as the reference has it.
    private void TakeBoxOfMask(double? area)
    {
        if (Segmentations is null || !segmentation.TryMeasure(out var measures))
        {
            fields.Require(false, "bbox", "[x, y, width, height]");
            return;
        }
        fields.Require(area.HasValue, "area", "a finite number, where there is no \"bbox\"");
        box.Add(measures.X);
        box.Add(measures.Y);
        box.Add(measures.Width);
        box.Add(measures.Height);
    }

    private void RequireSide(string field, long? pixels)
    {
        if (pixels is < 0 or > int.MaxValue)
            fields.Fail(field, $"is {pixels}; it must be 0 to {int.MaxValue} pixels");
    }

    private void Add(in GroundTruth groundTruth)
    {
        if (groundTruthCount == groundTruths.Length)
            Array.Resize(ref groundTruths, 2 * groundTruthCount);
        groundTruths[groundTruthCount++] = groundTruth;
    }
}
