using System.Text.Json;
using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>The steps through a COCO results file.</summary>
internal sealed class CocoResultsParser(string source) : JsonRecordParser(source)
{
    private const string MaskAllowed = "{\"size\": [height, width], \"counts\": \"compressed run lengths\"}";

    private readonly DetectionTable detections = new();
    private readonly RecordFields fields = new();
    private Place place = Place.Start;
    private Shape shape = Shape.Unknown;

    private enum Place
    {
        Start,
        List,
        End,
    }

    // What the first detection has decides how all are read.
    private enum Shape
    {
        Unknown,
        Box,
        Mask,
    }

    /// <summary>Reads the document to its end.</summary>
    public async Task<DetectionTable> ReadAsync(Stream stream, CancellationToken ct)
    {
        await ParseAsync(stream, hash: null, ct);
        return detections;
    }

    /// <inheritdoc/>
    protected override bool Step(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
            return false;
        switch (place, reader.TokenType)
        {
            case (Place.Start, JsonTokenType.StartArray):
                place = Place.List;
                return true;
            case (Place.Start, JsonTokenType.StartObject):
                throw new InvalidInputException($"{Source}: starts with an object, as a COCO dataset does; a results file is an array of {{\"image_id\", \"category_id\", \"bbox\", \"score\"}}.");
            case (Place.Start, _):
                throw new InvalidInputException($"{Source}: holds a single value; a results file is an array of {{\"image_id\", \"category_id\", \"bbox\", \"score\"}}.");
            case (Place.List, JsonTokenType.EndArray):
                place = Place.End;
                return true;
            case (Place.List, JsonTokenType.StartObject):
                fields.Begin();
                return ReadDetection(ref reader);
            default:
                fields.Begin();
                fields.Fail("is not an object; every entry of the list must be one");
                throw RecordFault("detection", detections.Count + 1, id: null, fields);
        }
    }

    private bool ReadDetection(ref Utf8JsonReader reader)
    {
        long? imageId = null, categoryId = null;
        double? score = null;
        bool hasBox = false, hasMask = false;
        RunLengths? mask = null;
        Span<double> box = stackalloc double[4];
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType is JsonTokenType.EndObject)
                break;
            var complete = reader.ValueTextEquals("bbox"u8) ? fields.Box(ref reader, "bbox", box, ref hasBox)
                : reader.ValueTextEquals("score"u8) ? fields.Number(ref reader, "score", ref score)
                : reader.ValueTextEquals("image_id"u8) ? fields.Integer(ref reader, "image_id", ref imageId)
                : reader.ValueTextEquals("category_id"u8) ? fields.Integer(ref reader, "category_id", ref categoryId)
                : reader.ValueTextEquals("segmentation"u8) && shape is not Shape.Box ? ReadMask(ref reader, ref mask, ref hasMask)
                : reader.TrySkip();
            if (!complete)
                return false;
        }
        Require(imageId.HasValue, "image_id", "an integer");
        Require(categoryId.HasValue, "category_id", "an integer");
        Require(score.HasValue, "score", "a finite number");
        var decided = shape is not Shape.Unknown ? shape : !hasBox && hasMask ? Shape.Mask : Shape.Box;
        if (decided is Shape.Box)
            Require(hasBox, "bbox", "[x, y, width, height]");
        else if (!hasMask)
            Require(false, "segmentation", $"{MaskAllowed}, as in the first detection");
        else if (mask is null)
            fields.Fail($"\"segmentation\" does not describe a mask; it must be {MaskAllowed}");
        if (fields.Fault is not null)
            throw RecordFault("detection", detections.Count + 1, id: null, fields);

        shape = decided;
        if (decided is Shape.Mask && !hasBox)
            (box[0], box[1], box[2], box[3]) = mask!.EnclosingBox();
        var area = decided is Shape.Mask ? mask!.Area : box[2] * box[3];
        detections.Add(imageId!.Value, categoryId!.Value, box[0], box[1], box[2], box[3], score!.Value, area);
        return true;
    }

    // A polygon or plain run lengths are no mask here: beside a box nobody needs it, and without one it is reported as missing.
    private static bool ReadMask(ref Utf8JsonReader reader, ref RunLengths? mask, ref bool present)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is not JsonTokenType.StartObject)
            return reader.TrySkip();
        Span<double> size = stackalloc double[2];
        var sides = 0;
        byte[]? text = null;
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType is JsonTokenType.EndObject)
                break;
            var complete = reader.ValueTextEquals("size"u8) ? ReadSize(ref reader, size, ref sides)
                : reader.ValueTextEquals("counts"u8) ? ReadText(ref reader, ref text)
                : reader.TrySkip();
            if (!complete)
                return false;
        }
        present = text is not null;
        mask = present && sides == 2 ? RunLengths.Parse(text, (long)size[0], (long)size[1]) : null;
        return true;
    }

    private static bool ReadSize(ref Utf8JsonReader reader, scoped Span<double> size, ref int sides)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is not JsonTokenType.StartArray)
            return reader.TrySkip();
        sides = 0;
        while (true)
        {
            if (!reader.Read())
                return false;
            if (reader.TokenType is JsonTokenType.EndArray)
                return true;
            if (reader.TokenType is JsonTokenType.Number && sides < 2 && reader.TryGetInt32(out var side))
                size[sides] = side;
            else if (!reader.TrySkip())
                return false;
            sides++;
        }
    }

    private static bool ReadText(ref Utf8JsonReader reader, ref byte[]? text)
    {
        if (!reader.Read())
            return false;
        if (reader.TokenType is not JsonTokenType.String)
            return reader.TrySkip();
        var unescaped = new byte[reader.ValueSpan.Length];
        text = unescaped[..reader.CopyString(unescaped)];
        return true;
    }

    private void Require(bool present, string field, string allowed)
    {
        if (!present)
            fields.Fail($"\"{field}\" is missing; it must be {allowed}");
    }
}
