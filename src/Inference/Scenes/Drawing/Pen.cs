namespace Serve.Inference.Scenes.Drawing;

/// <summary>Lines of ink: strokes along outlines, and hatching.</summary>
internal static class Pen
{
    /// <summary>A stroke along a closed outline, as outlines to be covered together.</summary>
    public static IEnumerable<Vec[]> Around(Vec[] outline, double width) =>
        outline.Select((corner, i) => Line(corner, outline[(i + 1) % outline.Length], width));

    /// <summary>A stroke along an open line.</summary>
    public static IEnumerable<Vec[]> Along(IReadOnlyList<Vec> line, double width) => line.Skip(1).Select((corner, i) => Line(line[i], corner, width));

    /// <summary>A straight stroke with round ends.</summary>
    public static Vec[] Line(Vec from, Vec to, double width) => Shapes.Limb(from, to, width / 2, width / 2, width < 2 ? 6 : 12);

    /// <summary>How much ink parallel lines leave on a pixel, 0..1.</summary>
    /// <param name="x">Pixel.</param>
    /// <param name="y">Pixel.</param>
    /// <param name="direction">Unit vector across the lines.</param>
    /// <param name="spacing">Distance between lines, pixels.</param>
    /// <param name="width">Width of a line, pixels.</param>
    public static double Hatch(double x, double y, Vec direction, double spacing, double width)
    {
        var position = (x * direction.X + y * direction.Y) / spacing;
        var distance = Math.Abs(position - Math.Floor(position) - 0.5) * spacing;
        return Math.Clamp(width / 2 - distance + 0.5, 0, 1);
    }

    /// <summary>How much ink a grid of dots leaves on a pixel, 0..1.</summary>
    public static double Dots(double x, double y, double spacing, double radius)
    {
        const double diagonal = 0.70710678118654752;
        var (u, v) = ((x + y) * diagonal / spacing, (x - y) * diagonal / spacing);
        var offset = new Vec(u - Math.Floor(u) - 0.5, v - Math.Floor(v) - 0.5) * spacing;
        return Math.Clamp(radius - offset.Length + 0.5, 0, 1);
    }
}
