namespace Serve.Inference.Families;

/// <summary>The feature maps that a one-stage detector predicts from, by their strides in input pixels.</summary>
internal sealed record Pyramid(params IReadOnlyList<double> Strides)
{
    private static readonly Pyramid[] Usual = [new(8, 16, 32), new(8, 16, 32, 64), new(4, 8, 16, 32), new(16, 32), new(8, 16, 32, 64, 128)];

    /// <summary>The strides as messages write them.</summary>
    public string Text => string.Join(", ", Strides);

    /// <summary>Number of cells of all maps over an input.</summary>
    public int Cells(int width, int height) => Strides.Sum(stride => Cells(width, height, stride));

    /// <summary>Number of cells of the map of a stride over an input.</summary>
    public static int Cells(int width, int height, double stride) => (int)Math.Ceiling(width / stride) * (int)Math.Ceiling(height / stride);

    /// <summary>The usual pyramid that gives so many locations, null when none does.</summary>
    /// <param name="locations">Number of locations.</param>
    /// <param name="width">Width of the input.</param>
    /// <param name="height">Height of the input.</param>
    /// <param name="perCell">Locations of a cell: its anchors.</param>
    public static Pyramid? Of(int locations, int width, int height, int perCell = 1)
        => Usual.FirstOrDefault(pyramid => pyramid.Cells(width, height) * (long)perCell == locations);
}
