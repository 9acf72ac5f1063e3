using System.Text;
using System.Text.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Coco;

/// <summary>Reads the segmentations of golden cases, in the plainest way.</summary>
internal static class GoldenMasks
{
    private const int CharactersFrom = 48;
    private const int BitsEach = 5;

    /// <summary>The segmentation of each record, a row each; null where none has one. As in the references, a detection that has only a box has its outline.</summary>
    public static SegmentationTable? Table(JsonElement[] records, bool outlinesOfBoxes)
    {
        if (!records.Any(record => record.TryGetProperty("segmentation", out _)))
            return null;
        var table = new SegmentationTable();
        foreach (var record in records)
            Add(table, record, outlinesOfBoxes);
        return table;
    }

    /// <summary>Box around the pixels of a mask given as text, and their number.</summary>
    public static (double X, double Y, double Width, double Height, double Area) Extent(JsonElement segmentation)
    {
        var height = segmentation.GetProperty("size")[0].GetInt32();
        List<(int X, int Y)> pixels = [];
        var at = 0;
        foreach (var (length, run) in Runs(segmentation.GetProperty("counts").GetString()!).Select((length, run) => (length, run)))
        {
            if (run % 2 == 1)
                pixels.AddRange(Enumerable.Range(at, length).Select(pixel => (pixel / height, pixel % height)));
            at += length;
        }
        if (pixels.Count == 0)
            return default;
        var (left, top) = (pixels.Min(p => p.X), pixels.Min(p => p.Y));
        return (left, top, pixels.Max(p => p.X) - left + 1, pixels.Max(p => p.Y) - top + 1, pixels.Count);
    }

    private static void Add(SegmentationTable table, JsonElement record, bool outlinesOfBoxes)
    {
        if (!record.TryGetProperty("segmentation", out var segmentation))
        {
            if (!outlinesOfBoxes)
            {
                table.AddNone();
                return;
            }
            double[] box = [.. record.GetProperty("bbox").EnumerateArray().Select(e => e.GetDouble())];
            var (x1, y1, x2, y2) = (box[0], box[1], box[0] + box[2], box[1] + box[3]);
            table.AddPolygons([x1, y1, x1, y2, x2, y2, x2, y1], [8]);
        }
        else if (segmentation.ValueKind is JsonValueKind.Array)
        {
            double[][] polygons = [.. segmentation.EnumerateArray().Select(polygon => polygon.EnumerateArray().Select(e => e.GetDouble()).ToArray())];
            table.AddPolygons(polygons.SelectMany(polygon => polygon).ToArray(), polygons.Select(polygon => polygon.Length).ToArray());
        }
        else
        {
            var (size, counts) = (segmentation.GetProperty("size"), segmentation.GetProperty("counts"));
            if (counts.ValueKind is JsonValueKind.String)
                table.AddRunLengths(Encoding.ASCII.GetBytes(counts.GetString()!), size[0].GetInt32(), size[1].GetInt32());
            else
                table.AddCounts(counts.EnumerateArray().Select(e => e.GetUInt32()).ToArray(), size[0].GetInt32(), size[1].GetInt32());
        }
    }

    /// <summary>Run lengths of the text form: numbers in base 32, lowest digits first, from the third on the difference to the last but one.</summary>
    private static List<int> Runs(string text)
    {
        var runs = new List<int>();
        for (var at = 0; at < text.Length;)
        {
            int number = 0, shift = 0, digit;
            do
            {
                digit = text[at++] - CharactersFrom;
                number |= (digit & 0x1f) << shift;
                shift += BitsEach;
            }
            while ((digit & 0x20) != 0);
            if ((digit & 0x10) != 0)
                number |= -1 << shift;
            runs.Add(runs.Count > 2 ? number + runs[^2] : number);
        }
        return runs;
    }
}
