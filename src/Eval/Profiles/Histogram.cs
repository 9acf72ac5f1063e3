namespace Serve.Eval.Profiles;

/// <summary>The bins of a histogram, whose width doubles from one to the next.</summary>
/// <param name="Title">What is counted.</param>
/// <param name="Unit">What the edges are in; empty for plain numbers.</param>
/// <param name="Edges">Edges between bins, rising; the first bin begins at 0, the last has no end.</param>
/// <param name="Labels">The edges as texts.</param>
public sealed record ScaleAxis(string Title, string Unit, IReadOnlyList<double> Edges, IReadOnlyList<string> Labels)
{
    /// <summary>Size relative to the image: the bins of the relative scale AP, with those larger than the image at the end.</summary>
    public static ScaleAxis Relative { get; } = new("relative scale of objects: sqrt(area / image area)", "", [.. Enumerable.Range(0, 9).Select(i => Math.Pow(2, i - 8))],
        ["1/256", "1/128", "1/64", "1/32", "1/16", "1/8", "1/4", "1/2", "1"]);

    /// <summary>Size in pixels: the bins of the absolute scale AP.</summary>
    public static ScaleAxis Absolute { get; } = new("absolute scale of objects: sqrt(area)", "pixels", [.. Enumerable.Range(0, 8).Select(i => Math.Pow(2, i + 3))],
        ["8", "16", "32", "64", "128", "256", "512", "1024"]);

    /// <summary>Width over height.</summary>
    public static ScaleAxis Aspect { get; } = new("aspect of boxes: width / height", "", [0.25, 0.5, 1, 2, 4], ["1/4", "1/2", "1", "2", "4"]);

    /// <summary>Name of a bin: <c>1/8 to 1/4</c>.</summary>
    public string Bin(int index) => index == 0 ? $"below {Labels[0]}" : index == Labels.Count ? $"{Labels[^1]} and more" : $"{Labels[index - 1]} to {Labels[index]}";
}

/// <summary>How many values are in each bin.</summary>
/// <param name="Axis">The bins. A value on an edge counts in the bin above it.</param>
/// <param name="Counts">One more than there are edges.</param>
public sealed record Histogram(ScaleAxis Axis, IReadOnlyList<int> Counts)
{
    /// <summary>Number of values.</summary>
    public int Total => Counts.Sum();

    /// <summary>The share of a bin, 0 to 1; 0 where there are no values.</summary>
    public double Share(int bin) => Total == 0 ? 0 : (double)Counts[bin] / Total;

    /// <summary>Counts values.</summary>
    public static Histogram Of(ScaleAxis axis, IEnumerable<double> values)
    {
        ArgumentNullException.ThrowIfNull(axis);
        ArgumentNullException.ThrowIfNull(values);
        var counts = new int[axis.Edges.Count + 1];
        foreach (var value in values)
            counts[axis.Edges.Count(edge => value >= edge)]++;
        return new(axis, counts);
    }
}
