using Serve.Inference.Detection;
using Serve.Inference.Drawing;

namespace Serve.Api.Detection;

/// <summary>A picture with its detections drawn.</summary>
internal static class DrawnAnswer
{
    /// <summary>Media types it can have, in order of preference.</summary>
    public static IReadOnlyList<string> Types { get; } = ["image/png", "image/jpeg", "image/webp"];

    /// <summary>Draws masks, boxes, keypoints and labels, and writes the encoded picture.</summary>
    /// <param name="response">Where to write it.</param>
    /// <param name="picture">The picture and what was found on it.</param>
    /// <param name="masks">Whether masks are wanted.</param>
    /// <param name="mediaType">One of <see cref="Types"/>.</param>
    /// <param name="ct">Cancels.</param>
    public static async Task WriteAsync(HttpResponse response, DetectedPicture picture, MaskForm masks, string mediaType, CancellationToken ct)
    {
        var shown = masks == MaskForm.None ? [.. picture.Detections.Select(WithoutMask)] : picture.Detections;
        var encoded = PictureDrawing.Draw(picture.Pixels!, shown, mediaType);
        response.ContentType = mediaType;
        response.ContentLength = encoded.Length;
        await response.Body.WriteAsync(encoded, ct);
    }

    private static DetectedObject WithoutMask(DetectedObject found) => found with { Mask = null };
}
