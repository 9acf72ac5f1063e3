namespace Serve.Inference.Scenes.Drawing;

/// <summary>The union of outlines that may go either way around.</summary>
internal static class Silhouette
{
    /// <summary>The same outlines, all clockwise: <see cref="Coverage"/> then unites them, also those of a mirrored figure.</summary>
    public static IReadOnlyList<Vec[]> Of(IReadOnlyList<Vec[]> outlines) =>
        [.. outlines.Select(o => Shapes.TwiceArea(o) < 0 ? [.. o.Reverse()] : o)];
}
