using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Training.Data;

/// <summary>The annotated mask of one object, as its file has it.</summary>
/// <param name="Table">The masks of the dataset.</param>
/// <param name="Row">The object's row.</param>
/// <param name="AnnotationId">Its annotation, for messages.</param>
internal readonly record struct ObjectMask(SegmentationTable Table, int Row, long AnnotationId)
{
    /// <summary>Whether the annotation has one.</summary>
    public bool Exists => Table.KindOf(Row) is not SegmentationKind.None;

    /// <summary>Draws what is seen of the mask. The corners of polygons are moved, and then drawn at the size of the canvas; run lengths are read at the centre of each pixel.</summary>
    /// <param name="image">The original image.</param>
    /// <param name="placement">Where its pixels go.</param>
    /// <param name="canvas">What they are painted on.</param>
    /// <param name="pencil">Memory for drawing.</param>
    /// <returns>In pixels of the canvas; empty when nothing is seen.</returns>
    /// <exception cref="InvalidInputException">The mask cannot be drawn; the message names the annotation.</exception>
    public MaskWindow Draw(ImageEntry image, Placement placement, CanvasSize canvas, MaskPencil pencil)
    {
        if (SegmentationFaults.Of(Table, Row, image.Height, image.Width) is { } fault)
            throw new InvalidInputException($"annotation {AnnotationId}: its segmentation {fault}.");

        var part = placement.Visible(canvas);
        return Table.KindOf(Row) is SegmentationKind.Polygons
            ? MaskWindow.Of(pencil.Draw(Table.PolygonsOf(Row), image, placement, canvas), part)
            : Read(pencil.Read(Table, Row), placement, part);
    }

    private static MaskWindow Read(RunLengths mask, Placement placement, (int X1, int Y1, int X2, int Y2) part)
    {
        var source = MaskWindow.Of(mask, (0, 0, mask.Width, mask.Height));
        var seen = placement.Apply(source.TightBox, mask.Width, mask.Height);
        var (x1, y1) = (Math.Max(part.X1, (int)Math.Floor(seen.X1)), Math.Max(part.Y1, (int)Math.Floor(seen.Y1)));
        var (x2, y2) = (Math.Min(part.X2, (int)Math.Ceiling(seen.X2)), Math.Min(part.Y2, (int)Math.Ceiling(seen.Y2)));
        if (x1 >= x2 || y1 >= y2)
            return new(0, 0, 0, 0, []);

        var pixels = new byte[(x2 - x1) * (y2 - y1)];
        for (var y = y1; y < y2; y++)
        {
            var row = Centre(y, placement.OffsetY, placement.Height, mask.Height, placement.FlipY);
            for (var x = x1; x < x2; x++)
            {
                if (source.Contains(Centre(x, placement.OffsetX, placement.Width, mask.Width, placement.FlipX), row))
                    pixels[(y - y1) * (x2 - x1) + x - x1] = 1;
            }
        }

        return new MaskWindow(x1, y1, x2 - x1, y2 - y1, pixels).Trimmed();
    }

    // The pixel of the mask that the centre of a canvas pixel falls on.
    private static int Centre(int pixel, int offset, int length, int maskLength, bool flip)
    {
        var along = pixel - offset + 0.5;
        return (int)Math.Floor((flip ? length - along : along) * maskLength / length);
    }
}
