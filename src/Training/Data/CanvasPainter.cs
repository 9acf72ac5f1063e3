using Serve.Inference.Pictures;

namespace Serve.Training.Data;

/// <summary>Copies a resized picture onto a planar float canvas: flipped, cropped, moved, recoloured.</summary>
internal static class CanvasPainter
{
    /// <summary>Paints the part of the picture that the canvas shows; the other pixels stay as they are.</summary>
    /// <param name="picture">The picture, already of the placement's size.</param>
    /// <param name="placement">Where it goes.</param>
    /// <param name="jitter">How its colours change.</param>
    /// <param name="size">Size of the canvas.</param>
    /// <param name="canvas">3 x H x W floats.</param>
    public static void Paint(Picture picture, Placement placement, ColorJitter jitter, CanvasSize size, Span<float> canvas)
    {
        var (x1, y1, x2, y2) = placement.Visible(size);
        long luma = 0; // in thousandths; whole numbers, so that the sum is the same on every machine
        for (var y = y1; y < y2; y++)
        {
            var row = y * size.Width + x1;
            luma += CopyRow(picture, placement, x1, y, Row(canvas, 0), Row(canvas, 1), Row(canvas, 2));

            Span<float> Row(Span<float> all, int channel) => all.Slice(channel * size.Area + row, x2 - x1);
        }

        if (jitter.IsIdentity) return;
        var transform = new ColorTransform(jitter, luma / (1000.0 * (x2 - x1) * (y2 - y1)));
        for (var y = y1; y < y2; y++)
        {
            var row = y * size.Width + x1;
            transform.Apply(Row(canvas, 0), Row(canvas, 1), Row(canvas, 2));

            Span<float> Row(Span<float> all, int channel) => all.Slice(channel * size.Area + row, x2 - x1);
        }
    }

    // Copies what is seen of one row and returns the sum of its lumas in thousandths (Rec. 601).
    private static long CopyRow(Picture picture, Placement placement, int x1, int y, Span<float> red, Span<float> green, Span<float> blue)
    {
        var sourceY = placement.FlipY ? placement.Height - 1 - (y - placement.OffsetY) : y - placement.OffsetY;
        var sourceX = placement.FlipX ? placement.Width - 1 - (x1 - placement.OffsetX) : x1 - placement.OffsetX;
        var step = placement.FlipX ? -3 : 3;
        var pixels = picture.Pixels.AsSpan(sourceY * placement.Width * 3, placement.Width * 3);
        long luma = 0;
        for (int x = 0, at = sourceX * 3; x < red.Length; x++, at += step)
        {
            var (r, g, b) = (pixels[at], pixels[at + 1], pixels[at + 2]);
            (red[x], green[x], blue[x]) = (r, g, b);
            luma += 299 * r + 587 * g + 114 * b;
        }

        return luma;
    }
}
