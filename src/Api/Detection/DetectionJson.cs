using System.Text.Json;
using Serve.Inference.Detection;

namespace Serve.Api.Detection;

/// <summary>Writes an answer of <c>POST /v1/detect</c>: what <see cref="DetectResponse"/> describes, without its objects.</summary>
internal static class DetectionJson
{
    /// <summary>Writes the whole answer.</summary>
    public static async Task WriteAsync(HttpResponse response, AnswerHead head, DetectedPicture[] pictures, MaskForm masks, CancellationToken ct)
    {
        response.ContentType = "application/json; charset=utf-8";
        var json = JsonAnswer.Rent(response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("model"u8, head.Model);
        json.WriteNumber("version"u8, head.Version);
        json.WriteString("device"u8, head.Device);
        json.WriteStartArray("images"u8);
        foreach (var picture in pictures)
        {
            Write(json, picture, masks);
            await JsonAnswer.SendSomeAsync(json, response.BodyWriter, ct);
        }
        json.WriteEndArray();
        Write(json, head.Timings);
        json.WriteEndObject();
        JsonAnswer.Return(json);
    }

    private static void Write(Utf8JsonWriter json, in DetectedPicture picture, MaskForm masks)
    {
        json.WriteStartObject();
        json.WriteString("fileName"u8, picture.FileName);
        json.WriteNumber("width"u8, picture.Width);
        json.WriteNumber("height"u8, picture.Height);
        json.WriteStartArray("detections"u8);
        for (var i = 0; i < picture.Detections.Count; i++)
            Write(json, picture.Detections[i], masks);
        json.WriteEndArray();
        if (picture.Fault is { } fault)
        {
            json.WriteStartObject("error"u8);
            json.WriteNumber("status"u8, fault.Status);
            json.WriteString("detail"u8, fault.Message);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, in DetectedObject found, MaskForm masks)
    {
        json.WriteStartObject();
        json.WriteString("category"u8, found.Category.Name);
        json.WriteNumber("categoryId"u8, found.Category.Id);
        json.WriteNumber("score"u8, found.Score);
        json.WriteStartObject("box"u8);
        json.WriteNumber("x1"u8, found.Box.X1);
        json.WriteNumber("y1"u8, found.Box.Y1);
        json.WriteNumber("x2"u8, found.Box.X2);
        json.WriteNumber("y2"u8, found.Box.Y2);
        json.WriteEndObject();
        if (found.Mask is { } mask && masks != MaskForm.None)
            MaskJson.Write(json, "mask"u8, mask, masks);
        if (found.Keypoints is { } keypoints)
            Write(json, keypoints);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<Keypoint> keypoints)
    {
        json.WriteStartArray("keypoints"u8);
        for (var i = 0; i < keypoints.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("x"u8, keypoints[i].X);
            json.WriteNumber("y"u8, keypoints[i].Y);
            if (keypoints[i].Score is { } score)
                json.WriteNumber("score"u8, score);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, DetectTimings timings)
    {
        json.WriteStartObject("timings"u8);
        json.WriteNumber("decode"u8, timings.Decode);
        json.WriteNumber("queue"u8, timings.Queue);
        json.WriteNumber("preprocess"u8, timings.Preprocess);
        json.WriteNumber("infer"u8, timings.Infer);
        json.WriteNumber("postprocess"u8, timings.Postprocess);
        json.WriteNumber("total"u8, timings.Total);
        json.WriteEndObject();
    }
}
