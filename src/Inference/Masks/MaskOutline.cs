using Serve.Eval.Masks;

namespace Serve.Inference.Masks;

/// <summary>The outlines of masks.</summary>
public static class MaskOutline
{
    /// <summary>The outer edges of a mask, a polygon for each of its pieces: within a pixel of the edge, of exactly its extent, with few corners. Holes are not told.</summary>
    /// <returns>Corners in continuous pixels of the mask's picture, clockwise as seen; none for an empty mask.</returns>
    public static IReadOnlyList<(double X, double Y)[]> Of(RunLengths mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return [.. Outliner.Outline(BitMask.Of(mask)).Select(polygon => Array.ConvertAll(polygon, corner => (corner.X, corner.Y)))];
    }
}
