namespace Serve.Training.Data;

/// <summary>Size in pixels of what a training image is painted on.</summary>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
internal readonly record struct CanvasSize(int Width, int Height)
{
    /// <summary>Number of pixels.</summary>
    public int Area => Width * Height;
}
