namespace Serve.Eval;

/// <summary>A named range of object sizes: of areas, unless <see cref="Measure"/> says otherwise.</summary>
/// <param name="Name">Its name; <c>all</c>, <c>small</c>, <c>medium</c> and <c>large</c> appear in the COCO summary.</param>
/// <param name="Lower">Smallest size, square pixels where sizes are areas; inclusive.</param>
/// <param name="Upper">Largest size, in the same unit; inclusive.</param>
public sealed record AreaRange(string Name, double Lower, double Upper)
{
    /// <summary>COCO's areas: all, small (up to 32²), medium (up to 96²) and large.</summary>
    public static IReadOnlyList<AreaRange> Coco { get; } = [new("all", 0, 1e10), new("small", 0, 1024), new("medium", 1024, 9216), new("large", 9216, 1e10)];

    /// <summary>What sizes are.</summary>
    public SizeMeasure Measure { get; init; }

    /// <summary>Whether a size lies in the range; the edges do.</summary>
    public bool Contains(double size) => size >= Lower && size <= Upper;
}
