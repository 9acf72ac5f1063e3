using System.Text.Json;
using Serve.Eval.Masks;
using Serve.Inference.Masks;

namespace Serve.Api.Detection;

/// <summary>Writes masks in COCO's forms: <c>{"size":[h,w],"counts":"…"}</c>, or a list of polygons <c>[[x1,y1,x2,y2,…],…]</c>.</summary>
internal static class MaskJson
{
    /// <summary>Writes a mask as a member of the object that is being written.</summary>
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, RunLengths mask, MaskForm form)
    {
        json.WritePropertyName(name);
        if (form == MaskForm.Polygons)
            WritePolygons(json, mask);
        else
            WriteRuns(json, mask);
    }

    private static void WriteRuns(Utf8JsonWriter json, RunLengths mask)
    {
        json.WriteStartObject();
        json.WriteStartArray("size"u8);
        json.WriteNumberValue(mask.Height);
        json.WriteNumberValue(mask.Width);
        json.WriteEndArray();
        json.WriteString("counts"u8, mask.ToText());
        json.WriteEndObject();
    }

    private static void WritePolygons(Utf8JsonWriter json, RunLengths mask)
    {
        json.WriteStartArray();
        foreach (var polygon in MaskOutline.Of(mask))
        {
            json.WriteStartArray();
            foreach (var (x, y) in polygon)
            {
                json.WriteNumberValue(x);
                json.WriteNumberValue(y);
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
    }
}
