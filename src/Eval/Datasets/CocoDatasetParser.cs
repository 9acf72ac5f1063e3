using System.Security.Cryptography;
using System.Text.Json;
using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>The steps through a COCO annotation file: the root's properties, and the records of its three lists.</summary>
internal sealed class CocoDatasetParser(string source) : JsonRecordParser(source)
{
    private readonly List<ImageEntry> images = [];
    private readonly List<Category> categories = [];
    private readonly List<GroundTruth> groundTruths = [];
    private readonly HashSet<Place> seen = [];
    private readonly RecordFields fields = new();
    private Place place = Place.Start;
    private int skippedDepth;

    private enum Place
    {
        Start,
        Root,
        Images,
        Categories,
        Annotations,
        Skipped,
        End,
    }

    /// <summary>Reads the document to its end.</summary>
    public async Task<Dataset> ReadAsync(Stream stream, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await ParseAsync(stream, hash, ct);
        if (!seen.Contains(Place.Images))
            throw new InvalidInputException($"{Source}: \"images\" is missing; a COCO dataset has \"images\", \"categories\" and \"annotations\".");
        return new(images.ToArray(), categories.ToArray(), groundTruths.ToArray(), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <inheritdoc/>
    protected override bool Step(ref Utf8JsonReader reader) => place switch
    {
        Place.Root => StepRoot(ref reader),
        Place.Images or Place.Categories or Place.Annotations => StepRecord(ref reader),
        Place.Skipped => StepSkipped(ref reader),
        Place.Start => StepStart(ref reader),
        _ => reader.Read(),
    };

    private bool StepStart(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is JsonTokenType.StartArray)
            throw new InvalidInputException($"{Source}: starts with an array, as a list of detections does; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\".");
        if (reader.TokenType is not JsonTokenType.StartObject)
            throw new InvalidInputException($"{Source}: holds a single value; a COCO dataset is an object with \"images\", \"categories\" and \"annotations\".");
        place = Place.Root;
        return true;
    }

    private bool StepRoot(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is JsonTokenType.EndObject)
        {
            place = Place.End;
            return true;
        }
        var list = reader.ValueTextEquals("images"u8) ? Place.Images
            : reader.ValueTextEquals("categories"u8) ? Place.Categories
            : reader.ValueTextEquals("annotations"u8) ? Place.Annotations
            : Place.Skipped;
        if (!reader.Read())
            return false;
        if (list is Place.Skipped)
        {
            skippedDepth = reader.CurrentDepth;
            place = reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject ? Place.Skipped : Place.Root;
            return true;
        }
        var name = list.ToString().ToLowerInvariant();
        if (reader.TokenType is not JsonTokenType.StartArray)
            throw new InvalidInputException($"{Source}: \"{name}\" is not a list; it must be an array of objects.");
        if (!seen.Add(list))
            throw new InvalidInputException($"{Source}: \"{name}\" occurs twice; once is allowed.");
        place = list;
        return true;
    }

    // Token by token, so that a long list that nobody needs does not have to fit into the window.
    private bool StepSkipped(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.CurrentDepth == skippedDepth && reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
            place = Place.Root;
        return true;
    }

    private bool StepRecord(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is JsonTokenType.EndArray)
        {
            place = Place.Root;
            return true;
        }
        fields.Begin();
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            fields.Fail("is not an object; every entry of the list must be one");
            throw Invalid(null);
        }
        return place switch
        {
            Place.Images => ReadImage(ref reader),
            Place.Categories => ReadCategory(ref reader),
            _ => ReadAnnotation(ref reader),
        };
    }

    private bool ReadImage(ref Utf8JsonReader reader)
    {
        long? id = null, width = 0, height = 0;
        string? fileName = null;
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType is JsonTokenType.EndObject)
                break;
            var complete = reader.ValueTextEquals("id"u8) ? fields.Integer(ref reader, "id", ref id)
                : reader.ValueTextEquals("file_name"u8) ? fields.Text(ref reader, "file_name", ref fileName)
                : reader.ValueTextEquals("width"u8) ? fields.Integer(ref reader, "width", ref width)
                : reader.ValueTextEquals("height"u8) ? fields.Integer(ref reader, "height", ref height)
                : reader.TrySkip();
            if (!complete)
                return false;
        }
        RequireSide("width", width);
        RequireSide("height", height);
        Require(id.HasValue, "id", "an integer");
        ThrowIfFaulty(id);
        images.Add(new(id!.Value, fileName ?? "", (int)width!.Value, (int)height!.Value));
        return true;
    }

    private bool ReadCategory(ref Utf8JsonReader reader)
    {
        long? id = null;
        string? name = null, supercategory = null;
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType is JsonTokenType.EndObject)
                break;
            var complete = reader.ValueTextEquals("id"u8) ? fields.Integer(ref reader, "id", ref id)
                : reader.ValueTextEquals("name"u8) ? fields.Text(ref reader, "name", ref name)
                : reader.ValueTextEquals("supercategory"u8) ? fields.Text(ref reader, "supercategory", ref supercategory)
                : reader.TrySkip();
            if (!complete)
                return false;
        }
        Require(id.HasValue, "id", "an integer");
        ThrowIfFaulty(id);
        categories.Add(new(id!.Value, name ?? $"{id}", supercategory));
        return true;
    }

    private bool ReadAnnotation(ref Utf8JsonReader reader)
    {
        long? id = null, imageId = null, categoryId = null;
        double? area = null;
        bool isCrowd = false, hasBox = false;
        Span<double> box = stackalloc double[4];
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType is JsonTokenType.EndObject)
                break;
            var complete = reader.ValueTextEquals("bbox"u8) ? fields.Box(ref reader, "bbox", box, ref hasBox)
                : reader.ValueTextEquals("image_id"u8) ? fields.Integer(ref reader, "image_id", ref imageId)
                : reader.ValueTextEquals("category_id"u8) ? fields.Integer(ref reader, "category_id", ref categoryId)
                : reader.ValueTextEquals("id"u8) ? fields.Integer(ref reader, "id", ref id)
                : reader.ValueTextEquals("area"u8) ? fields.Number(ref reader, "area", ref area)
                : reader.ValueTextEquals("iscrowd"u8) ? fields.Flag(ref reader, "iscrowd", ref isCrowd)
                : reader.TrySkip();
            if (!complete)
                return false;
        }
        Require(id.HasValue, "id", "an integer");
        Require(imageId.HasValue, "image_id", "an integer");
        Require(categoryId.HasValue, "category_id", "an integer");
        Require(hasBox, "bbox", "[x, y, width, height]");
        ThrowIfFaulty(id);
        groundTruths.Add(new(id!.Value, imageId!.Value, categoryId!.Value, box[0], box[1], box[2], box[3], area ?? (box[2] * box[3]), isCrowd));
        return true;
    }

    private void Require(bool present, string field, string allowed)
    {
        if (!present)
            fields.Fail($"\"{field}\" is missing; it must be {allowed}");
    }

    private void RequireSide(string field, long? pixels)
    {
        if (pixels is < 0 or > int.MaxValue)
            fields.Fail($"\"{field}\" is {pixels}; it must be 0 to {int.MaxValue} pixels");
    }

    private void ThrowIfFaulty(long? id)
    {
        if (fields.Fault is not null)
            throw Invalid(id);
    }

    private InvalidInputException Invalid(long? id)
    {
        var (kind, number) = place switch
        {
            Place.Images => ("image", images.Count + 1),
            Place.Categories => ("category", categories.Count + 1),
            _ => ("annotation", groundTruths.Count + 1),
        };
        return RecordFault(kind, number, id, fields);
    }
}
