using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Training.Data;

/// <summary>Memory for drawing masks, one after another. Not safe for use by several threads.</summary>
internal sealed class MaskPencil
{
    private readonly MaskRasteriser rasteriser = new();
    private readonly RunLengths mask = new();
    private double[] numbers = [];

    /// <summary>Draws polygons where their image is placed.</summary>
    /// <returns>A mask of the canvas's size, until the next is drawn.</returns>
    public RunLengths Draw(PolygonList polygons, ImageEntry image, Placement placement, CanvasSize canvas)
    {
        if (numbers.Length < polygons.Numbers.Length)
            numbers = new double[Math.Max(polygons.Numbers.Length, 2 * numbers.Length)];
        var from = 0;
        foreach (var polygon in polygons)
        {
            for (var i = 0; i + 1 < polygon.Length; i += 2)
            {
                var moved = placement.Apply(new(polygon[i], polygon[i + 1], polygon[i], polygon[i + 1]), image.Width, image.Height);
                (numbers[from + i], numbers[from + i + 1]) = (moved.X1, moved.Y1);
            }

            // A lone last number is left out when it is drawn.
            if (polygon.Length % 2 == 1)
                numbers[from + polygon.Length - 1] = 0;
            from += polygon.Length;
        }

        rasteriser.Draw(new PolygonList(numbers.AsSpan(0, from), polygons.Lengths), canvas.Height, canvas.Width, mask);
        return mask;
    }

    /// <summary>Reads run lengths.</summary>
    /// <returns>A mask of its own size, until the next is drawn.</returns>
    public RunLengths Read(SegmentationTable table, int row)
    {
        var (height, width) = table.SizeOf(row);
        rasteriser.Draw(table, row, height, width, mask);
        return mask;
    }
}
