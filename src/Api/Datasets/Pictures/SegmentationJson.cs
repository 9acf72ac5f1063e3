using System.Buffers;
using System.Text.Json;
using Serve.Eval.Masks;

namespace Serve.Api.Datasets.Pictures;

/// <summary>Masks of annotations and of stored detections, as files have them: polygons, or run lengths in their text form.</summary>
internal static class SegmentationJson
{
    /// <summary>The mask of a row; null where it has none.</summary>
    public static JsonElement? Of(SegmentationTable? masks, int row)
    {
        if (masks is null || masks.KindOf(row) is SegmentationKind.None)
            return null;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (masks.KindOf(row) is SegmentationKind.Polygons)
                WritePolygons(json, masks.PolygonsOf(row));
            else
                WriteRuns(json, masks.SizeOf(row), masks.TextOf(row));
        }
        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }

    private static void WritePolygons(Utf8JsonWriter json, PolygonList polygons)
    {
        json.WriteStartArray();
        foreach (var polygon in polygons)
        {
            json.WriteStartArray();
            foreach (var number in polygon)
                json.WriteNumberValue(number);
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }

    private static void WriteRuns(Utf8JsonWriter json, (int Height, int Width) size, ReadOnlySpan<byte> text)
    {
        json.WriteStartObject();
        json.WriteStartArray("size"u8);
        json.WriteNumberValue(size.Height);
        json.WriteNumberValue(size.Width);
        json.WriteEndArray();
        json.WriteString("counts"u8, text);
        json.WriteEndObject();
    }
}
