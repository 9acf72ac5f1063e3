using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serve.Eval.Masks;

namespace Serve.Eval.Datasets;

/// <summary>What COCO's two kinds of files have in common when they are written. Every number reads back to the same double.</summary>
internal static class CocoJson
{
    /// <summary>Only what JSON demands is escaped: texts of run lengths are full of characters that matter to HTML alone.</summary>
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private const int FlushBytes = 1 << 16;

    /// <summary>Makes a writer.</summary>
    public static Utf8JsonWriter To(Stream stream) => new(stream, Options);

    /// <summary>Sends what was written so far, once that is much.</summary>
    public static ValueTask FlushIfFullAsync(this Utf8JsonWriter json, CancellationToken ct)
        => json.BytesPending > FlushBytes ? new(json.FlushAsync(ct)) : default;

    /// <summary>Writes a list of numbers.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="name">Name of the list; none for a list in a list.</param>
    /// <param name="numbers">The numbers.</param>
    /// <param name="subject">What the numbers belong to, in messages.</param>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static void WriteNumbers(this Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlySpan<double> numbers, string subject)
    {
        if (name.IsEmpty)
            json.WriteStartArray();
        else
            json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            RequireFinite(number, subject);
            json.WriteNumberValue(number);
        }
        json.WriteEndArray();
    }

    /// <summary>Writes the mask of a row, if it has one; plain lists of run lengths in their text form.</summary>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static void WriteSegmentation(this Utf8JsonWriter json, SegmentationTable? table, int row, string subject)
    {
        switch (table?.KindOf(row) ?? SegmentationKind.None)
        {
            case SegmentationKind.None:
                return;
            case SegmentationKind.Polygons:
                json.WriteStartArray("segmentation"u8);
                foreach (var polygon in table!.PolygonsOf(row))
                    json.WriteNumbers([], polygon, subject);
                json.WriteEndArray();
                return;
            default:
                var (height, width) = table!.SizeOf(row);
                json.WriteStartObject("segmentation"u8);
                json.WriteNumbers("size"u8, [height, width], subject);
                json.WriteString("counts"u8, table.TextOf(row));
                json.WriteEndObject();
                return;
        }
    }

    /// <summary>Writes the keypoints of a row, if it has any.</summary>
    /// <exception cref="InvalidInputException">A number is not finite, which JSON cannot hold.</exception>
    public static void WriteKeypoints(this Utf8JsonWriter json, KeypointTable? table, int row, string subject)
    {
        if (table is null || table.CountOf(row) == 0)
            return;
        var values = new double[KeypointTable.Values * table.CountOf(row)];
        table.CopyTo(row, values);
        json.WriteNumbers("keypoints"u8, values, subject);
    }

    /// <summary>Refuses a number that JSON cannot hold.</summary>
    /// <exception cref="InvalidInputException">The number is not finite.</exception>
    public static void RequireFinite(double number, string subject)
    {
        if (!double.IsFinite(number))
            throw new InvalidInputException(string.Create(CultureInfo.InvariantCulture, $"{subject}: holds {number}; every number must be finite."));
    }
}
