namespace Serve.Inference.Pictures;

/// <summary>Resizes pictures. Training and serving use this one function, so that a model sees the same pixels in both.</summary>
public static class PictureScaler
{
    /// <summary>Resizes to exactly the given size: bilinear, with area averaging when shrinking.</summary>
    public static Picture Resize(Picture picture, int width, int height) => throw new NotImplementedException();
}
