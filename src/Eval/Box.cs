namespace Serve.Eval;

/// <summary>An axis-aligned box: corners in absolute pixels of the original image, continuous (width = X2 - X1).</summary>
/// <param name="X1">Left edge.</param>
/// <param name="Y1">Top edge.</param>
/// <param name="X2">Right edge.</param>
/// <param name="Y2">Bottom edge.</param>
public readonly record struct Box(double X1, double Y1, double X2, double Y2)
{
    /// <summary>X2 - X1, in pixels.</summary>
    public double Width => X2 - X1;

    /// <summary>Y2 - Y1, in pixels.</summary>
    public double Height => Y2 - Y1;

    /// <summary>The box of a COCO file: left, top, width and height.</summary>
    public static Box FromCocoXywh(double x, double y, double width, double height) => new(x, y, x + width, y + height);
}
