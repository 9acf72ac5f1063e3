using System.Globalization;
using System.Text.Json;
using Serve.Inference.Detection;

namespace Serve.Api.Detection;

/// <summary>Writes an answer as a list of COCO results: <c>image_id</c>, <c>category_id</c>, <c>bbox</c> (xywh), <c>score</c>, <c>segmentation</c>, <c>keypoints</c>.</summary>
internal static class CocoJson
{
    /// <summary>Writes the whole answer.</summary>
    public static async Task WriteAsync(HttpResponse response, DetectedPicture[] pictures, MaskForm masks, CancellationToken ct)
    {
        response.ContentType = "application/json; charset=utf-8";
        var ids = ImageIds(pictures);
        var json = JsonAnswer.Rent(response.BodyWriter);
        json.WriteStartArray();
        for (var i = 0; i < pictures.Length; i++)
        {
            foreach (var found in pictures[i].Detections)
                Write(json, ids[i], found, masks);
            await JsonAnswer.SendSomeAsync(json, response.BodyWriter, ct);
        }
        json.WriteEndArray();
        JsonAnswer.Return(json);
    }

    /// <summary>The numbers in the file names (<c>000000397133.jpg</c>) when each picture has one of its own, as COCO's have; else 1, 2, … in the request's order.</summary>
    internal static long[] ImageIds(ReadOnlySpan<DetectedPicture> pictures)
    {
        var ids = new long[pictures.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            var stem = Path.GetFileNameWithoutExtension(pictures[i].FileName.AsSpan());
            if (!long.TryParse(stem, NumberStyles.None, CultureInfo.InvariantCulture, out ids[i]) || ids.AsSpan(0, i).Contains(ids[i]))
                return [.. Enumerable.Range(1, ids.Length).Select(id => (long)id)];
        }
        return ids;
    }

    private static void Write(Utf8JsonWriter json, long imageId, in DetectedObject found, MaskForm masks)
    {
        json.WriteStartObject();
        json.WriteNumber("image_id"u8, imageId);
        json.WriteNumber("category_id"u8, found.Category.Id);
        json.WriteStartArray("bbox"u8);
        json.WriteNumberValue(found.Box.X1);
        json.WriteNumberValue(found.Box.Y1);
        json.WriteNumberValue(found.Box.Width);
        json.WriteNumberValue(found.Box.Height);
        json.WriteEndArray();
        json.WriteNumber("score"u8, found.Score);
        if (found.Mask is { } mask && masks != MaskForm.None)
            MaskJson.Write(json, "segmentation"u8, mask, masks);
        if (found.Keypoints is { } keypoints)
        {
            json.WriteStartArray("keypoints"u8);
            foreach (var keypoint in keypoints)
            {
                json.WriteNumberValue(keypoint.X);
                json.WriteNumberValue(keypoint.Y);
                json.WriteNumberValue(keypoint.Score ?? 1);
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
