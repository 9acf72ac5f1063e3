namespace Serve.Eval.Bench.Load;

/// <summary>A box as COCO writes it: left, top, width and height in pixels.</summary>
internal readonly record struct Box(double X, double Y, double Width, double Height)
{
    /// <summary>The part inside an image, at least half a pixel wide and high; numbers as a detector has them, of 32 bits.</summary>
    public Box Detected(int imageWidth, int imageHeight)
    {
        var (left, top) = (Math.Max(0, X), Math.Max(0, Y));
        var (right, bottom) = (Math.Min(imageWidth, X + Width), Math.Min(imageHeight, Y + Height));
        return new((float)left, (float)top, (float)Math.Max(0.5, right - left), (float)Math.Max(0.5, bottom - top));
    }
}
