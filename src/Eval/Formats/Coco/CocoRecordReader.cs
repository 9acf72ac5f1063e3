using System.Text.Json;
using Serve.Eval.Checks;
using Serve.Eval.Datasets;
using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Formats.Coco;

/// <summary>Turns the records of a COCO annotation file into a dataset, and reports every field that is wrong instead of stopping at the first.</summary>
/// <remarks>A record without a usable id or reference is left out; a number that is no number becomes NaN, so that the record still counts.</remarks>
/// <param name="file">Name of the file in messages.</param>
/// <param name="faults">Is told what is wrong.</param>
internal sealed class CocoRecordReader(string file, IFaultSink faults)
{
    private readonly List<ImageEntry> images = [];
    private readonly List<Category> categories = [];
    private readonly List<GroundTruth> objects = [];
    private readonly SegmentationTable segmentations = new();
    private readonly KeypointTable keypoints = new();
    private readonly RunLengths mask = new();
    private bool hasSegmentations;
    private bool hasKeypoints;

    /// <summary>Where each record was read.</summary>
    public RecordPlaces Places { get; } = NewPlaces();

    /// <summary>Places of records, none so far.</summary>
    public static RecordPlaces NewPlaces() => new((number, id) => $"image #{number} (id {id})", (number, id) => $"annotation #{number} (id {id})");

    /// <summary>Takes a record of one of the three lists.</summary>
    public void Add(string list, int number, JsonElement record)
    {
        var noun = list switch { "images" => "image", "categories" => "category", _ => "annotation" };
        if (record.ValueKind is not JsonValueKind.Object)
        {
            faults.Report(new(FaultKinds.NotARecord, new(file, $"{noun} #{number}"), "", "is not an object; every entry of the list must be one"));
            return;
        }
        var id = JsonText.TryFind(record, "id", out var found) && found.ValueKind is JsonValueKind.Number ? $" (id {found.GetRawText()})" : "";
        var values = new RecordValues(record, new(file, $"{noun} #{number}{id}"), faults);
        switch (list)
        {
            case "images":
                AddImage(values, number);
                break;
            case "categories":
                AddCategory(values);
                break;
            default:
                AddAnnotation(values, number);
                break;
        }
    }

    /// <summary>The dataset of all records taken.</summary>
    public Dataset Finish(string contentHash) => new(images, categories, objects, contentHash)
    {
        Segmentations = hasSegmentations ? segmentations : null,
        Keypoints = hasKeypoints ? keypoints : null,
    };

    private void AddImage(RecordValues values, int number)
    {
        var id = values.Integer("id");
        var (width, height) = (Side(values, "width"), Side(values, "height"));
        var name = values.Text("file_name");
        // LVIS names the picture only by its address.
        if (string.IsNullOrEmpty(name) && values.Text("coco_url") is { } address)
            name = address[(address.LastIndexOf('/') + 1)..];
        var image = new ImageEntry(id ?? 0, name ?? "", width, height)
        {
            NegativeCategoryIds = values.Integers("neg_category_ids"),
            NotExhaustiveCategoryIds = values.Integers("not_exhaustive_category_ids"),
        };
        if (id is null)
            return;
        images.Add(image);
        Places.AddImage(file, number);
    }

    private static int Side(RecordValues values, string field)
    {
        var pixels = values.Integer(field, required: false) ?? 0;
        if (pixels is >= 0 and <= int.MaxValue)
            return (int)pixels;
        values.Report(FaultKinds.WrongValue, field, $"is {pixels}; it must be 0 to {int.MaxValue} pixels");
        return 0;
    }

    private void AddCategory(RecordValues values)
    {
        if (values.Integer("id") is not { } id)
            return;
        categories.Add(new(id, values.Text("name") ?? $"{id}", values.Text("supercategory"))
        {
            Frequency = values.Text("frequency"),
            Keypoints = values.Texts("keypoints"),
        });
    }

    private void AddAnnotation(RecordValues values, int number)
    {
        var (id, image, category) = (values.Integer("id"), values.Integer("image_id"), values.Integer("category_id"));
        // Of a record that is left out nobody keeps the mask, but what is wrong with it is told.
        var isUsable = id is not null && image is not null && category is not null;
        var masks = isUsable ? segmentations : new();
        var hasMask = SegmentationValues.Add(values, masks);
        var boxOfMask = BoxOfMask(values, masks);
        var box = boxOfMask ?? values.Box("bbox") ?? [double.NaN, double.NaN, double.NaN, double.NaN];
        var area = boxOfMask is null
            ? values.Number("area") ?? (box[2] * box[3])
            : values.Number("area", required: true, "a finite number, where there is no \"bbox\"") ?? double.NaN;
        var isCrowd = values.Flag("iscrowd");
        var isIgnored = values.Flag("ignore") | values.Flag("difficult");
        if (!isUsable)
            return;
        objects.Add(new(id!.Value, image!.Value, category!.Value, box[0], box[1], box[2], box[3], area, isCrowd) { IsIgnored = isIgnored });
        hasSegmentations |= hasMask;
        hasKeypoints |= AddKeypoints(values);
        Places.AddObject(file, number);
    }

    // The evaluation of masks needs no boxes; then the area must be given, as the reference has it.
    private double[]? BoxOfMask(RecordValues values, SegmentationTable masks)
        => values.IsEmpty("bbox") && masks.TryBox(masks.Count - 1, mask, out var box) ? [box.X, box.Y, box.Width, box.Height] : null;

    private bool AddKeypoints(RecordValues values)
    {
        const string allowed = "[x, y, v, x, y, v, …], three numbers for each keypoint";
        var labelled = (int)Math.Clamp(values.Integer("num_keypoints", required: false) ?? -1, -1, int.MaxValue);
        if (!values.Has("keypoints", allowed, required: false, out var value))
        {
            keypoints.AddNone(labelled);
            return false;
        }
        if (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() % KeypointTable.Values != 0)
        {
            if (value.ValueKind is JsonValueKind.Array)
                values.Report(FaultKinds.KeypointCount, "keypoints", $"has {value.GetArrayLength()} values; it must be {allowed}");
            else
                values.Refuse<bool>("keypoints", value, allowed);
            keypoints.AddNone(labelled);
            return true;
        }
        keypoints.Add(values.Numbers("keypoints", value, allowed), labelled);
        return true;
    }
}
