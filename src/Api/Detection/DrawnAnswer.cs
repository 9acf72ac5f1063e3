namespace Serve.Api.Detection;

/// <summary>A picture with its detections drawn.</summary>
internal static class DrawnAnswer
{
    /// <summary>Draws boxes and labels and encodes the picture.</summary>
    public static byte[] Draw(DetectedPicture picture, string mediaType) => throw new NotImplementedException(mediaType + picture.FileName);
}
