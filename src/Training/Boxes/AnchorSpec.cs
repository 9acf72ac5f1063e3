using Serve.Training.Models;

namespace Serve.Training.Boxes;

/// <summary>The reference boxes of a detector: at every cell of every level, one for each size and ratio.</summary>
public sealed record AnchorSpec
{
    /// <summary>For each level, finest first, the sides in input pixels of the squares whose areas its anchors have.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Sizes { get; init; } = [[32], [64], [128], [256], [512]];

    /// <summary>Heights over widths.</summary>
    public IReadOnlyList<double> Ratios { get; init; } = [0.5, 1, 2];

    /// <summary>Where in its cell an anchor is centred, as a share of the cell's side: 0 for the corner at the top left, 0.5 for the middle.</summary>
    public double Offset { get; init; }

    /// <summary>Anchors of one cell.</summary>
    /// <param name="level">0 for the finest level, and so on.</param>
    public int PerCell(int level) => Sizes[level].Count * Ratios.Count;

    /// <summary>Corners x1, y1, x2, y2 in input pixels of the anchors of one cell, relative to the point where they are centred; sizes first, ratios inside.</summary>
    /// <param name="level">0 for the finest level, and so on.</param>
    public IReadOnlyList<double[]> BaseAnchors(int level)
    {
        var anchors = new List<double[]>();
        foreach (var size in Sizes[level])
        {
            foreach (var ratio in Ratios)
            {
                var width = Math.Sqrt(size * size / ratio);
                var height = width * ratio;
                anchors.Add([-width / 2, -height / 2, width / 2, height / 2]);
            }
        }

        return anchors;
    }

    /// <summary>The same with sides of whole pixels, as Detectron has them: relative to the cell's corner at the top left, whatever <see cref="Offset"/>.</summary>
    /// <remarks>
    /// Its shapes are those of a cell (side s, centre (s - 1) / 2), rounded, then enlarged; both end pixels belong to a box. Here the end is the edge
    /// behind the last pixel, one more, so that widths and everything computed from them are Detectron's.
    /// </remarks>
    /// <param name="level">0 for the finest level, and so on.</param>
    /// <param name="stride">Input pixels between two cells.</param>
    public IReadOnlyList<double[]> WholePixelAnchors(int level, int stride)
    {
        var anchors = new List<double[]>();
        var centre = (stride - 1) / 2.0;
        foreach (var size in Sizes[level])
        {
            foreach (var ratio in Ratios)
            {
                var columns = Math.Round(Math.Sqrt(stride * stride / ratio));
                var rows = Math.Round(columns * ratio);
                var (width, height) = (columns * size / stride, rows * size / stride);
                var (x, y) = (centre - (width - 1) / 2, centre - (height - 1) / 2);
                anchors.Add([x, y, x + width, y + height]);
            }
        }

        return anchors;
    }

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (Sizes.Count == 0 || Sizes.Any(sizes => sizes.Count == 0 || !sizes.All(size => size > 0)))
            yield return OptionFault.Of($"{path}.{nameof(Sizes)}", Lists(Sizes), "for each level one or more positive numbers");
        if (Sizes.Select(sizes => sizes.Count).Distinct().Count() > 1)
            yield return OptionFault.Of($"{path}.{nameof(Sizes)}", Lists(Sizes), "as many numbers for each level, since all levels share one head");
        if (Ratios.Count == 0 || !Ratios.All(ratio => ratio > 0))
            yield return OptionFault.Of($"{path}.{nameof(Ratios)}", string.Join(", ", Ratios), "one or more positive numbers");
        if (Offset is not (>= 0 and < 1))
            yield return OptionFault.Of($"{path}.{nameof(Offset)}", Offset, "0 or more and below 1");
    }

    private static string Lists(IEnumerable<IEnumerable<double>> lists) => string.Join(", ", lists.Select(list => FormattableString.Invariant($"[{string.Join(", ", list)}]")));
}
