namespace Serve.Eval;

/// <summary>A named range of object areas.</summary>
/// <param name="Name">Its name; <c>all</c>, <c>small</c>, <c>medium</c> and <c>large</c> appear in the COCO summary.</param>
/// <param name="Lower">Smallest area, square pixels; inclusive.</param>
/// <param name="Upper">Largest area, square pixels; inclusive.</param>
public sealed record AreaRange(string Name, double Lower, double Upper)
{
    /// <summary>Whether an area lies in the range; the edges do.</summary>
    public bool Contains(double area) => area >= Lower && area <= Upper;
}
