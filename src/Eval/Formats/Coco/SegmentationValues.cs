using System.Text;
using System.Text.Json;
using Serve.Eval.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Formats.Coco;

/// <summary>Reads the mask of an annotation in each of COCO's three forms.</summary>
internal static class SegmentationValues
{
    private const string Field = "segmentation";
    private const string Allowed = "a list of polygons [[x, y, x, y, …], …], or {\"size\": [height, width], \"counts\": run lengths}";

    /// <summary>Appends the mask of a record: one row, whatever it holds.</summary>
    /// <returns>Whether there is a mask.</returns>
    public static bool Add(RecordValues values, SegmentationTable table)
    {
        if (!values.Has(Field, Allowed, required: false, out var value))
        {
            table.AddNone();
            return false;
        }
        var added = value.ValueKind switch
        {
            JsonValueKind.Array => AddPolygons(values, value, table),
            JsonValueKind.Object => AddRuns(values, value, table),
            _ => values.Refuse<bool>(Field, value, Allowed) ?? false,
        };
        if (!added)
            table.AddNone();
        return added;
    }

    private static bool AddPolygons(RecordValues values, JsonElement list, SegmentationTable table)
    {
        if (list.GetArrayLength() == 0)
            return false;
        var (numbers, lengths) = (new List<double>(), new List<int>());
        foreach (var polygon in list.EnumerateArray())
        {
            if (polygon.ValueKind is not JsonValueKind.Array)
                return values.Refuse<bool>(Field, list, Allowed) ?? false;
            var coordinates = values.Numbers(Field, polygon, "polygons of finite numbers");
            numbers.AddRange(coordinates);
            lengths.Add(coordinates.Length);
        }
        table.AddPolygons(numbers.ToArray(), lengths.ToArray());
        return true;
    }

    private static bool AddRuns(RecordValues values, JsonElement mask, SegmentationTable table)
    {
        if (!JsonText.TryFind(mask, "size", out var size) || !JsonText.TryFind(mask, "counts", out var counts) || Size(size) is not var (height, width))
            return values.Refuse<bool>(Field, mask, Allowed) ?? false;
        if (counts.ValueKind is JsonValueKind.String)
        {
            if (JsonText.Of(counts) is not { } text)
                return values.Refuse<bool>(Field, counts, "run lengths in COCO's text form") ?? false;
            table.AddRunLengths(Encoding.UTF8.GetBytes(text), height, width);
            return true;
        }
        if (counts.ValueKind is not JsonValueKind.Array)
            return values.Refuse<bool>(Field, counts, "run lengths, as a text or a list of counts") ?? false;
        var runs = new List<uint>(counts.GetArrayLength());
        foreach (var run in counts.EnumerateArray())
        {
            if (run.ValueKind is not JsonValueKind.Number || !run.TryGetUInt32(out var pixels))
                return values.Refuse<bool>(Field, run, "a list of counts from 0 to 4294967295") ?? false;
            runs.Add(pixels);
        }
        table.AddCounts(runs.ToArray(), height, width);
        return true;
    }

    private static (int Height, int Width)? Size(JsonElement size)
        => size.ValueKind is JsonValueKind.Array && size.GetArrayLength() == 2 && size.EnumerateArray().All(side => side.ValueKind is JsonValueKind.Number)
            && size[0].TryGetInt32(out var height) && size[1].TryGetInt32(out var width) && height >= 0 && width >= 0
            ? (height, width)
            : null;
}
