using Serve.Inference.Drawing;

namespace Serve.Api.Detection;

/// <summary>A picture with its detections drawn.</summary>
internal static class DrawnAnswer
{
    /// <summary>Media types it can have, in order of preference.</summary>
    public static IReadOnlyList<string> Types { get; } = ["image/png", "image/jpeg", "image/webp"];

    /// <summary>Draws boxes and labels and encodes the picture.</summary>
    /// <param name="picture">The picture and what was found on it.</param>
    /// <param name="mediaType">One of <see cref="Types"/>.</param>
    public static byte[] Draw(DetectedPicture picture, string mediaType) => PictureDrawing.Draw(picture.Picture, picture.Result.Detections, mediaType);
}
