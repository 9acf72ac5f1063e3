using System.Globalization;
using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Pictures;

namespace Serve.Inference.Drawing;

/// <summary>Draws detections on a picture: boxes in their category's colour, each with a label of name and score.</summary>
/// <remarks>
/// Drawn by own code and a built-in font: the result does not depend on the machine's fonts, and no text of a stranger's model is ever parsed as markup.
/// </remarks>
public static class PictureDrawing
{
    // Of the mean of width and height: lines and letters look alike on small and large pictures.
    private const double LineShare = 1 / 250.0;
    private const double LetterShare = 1 / 45.0;
    private const int SmallestLine = 1;
    private const double SmallestLetter = 8;

    /// <summary>Draws detections and encodes the picture.</summary>
    /// <param name="picture">The picture; it is not changed.</param>
    /// <param name="detections">What to draw, boxes in the picture's pixels. The best scores come to lie on top.</param>
    /// <param name="mediaType">One of <see cref="PictureEncoder.MediaTypes"/>.</param>
    /// <exception cref="InvalidInputException">Another media type; the message lists those that are written.</exception>
    public static byte[] Draw(Picture picture, IReadOnlyList<DetectedObject> detections, string mediaType)
        => PictureEncoder.Encode(Draw(picture, detections), mediaType);

    /// <summary>Draws detections on a copy of the picture.</summary>
    public static Picture Draw(Picture picture, IReadOnlyList<DetectedObject> detections)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(detections);
        var canvas = new Canvas(picture);
        var size = (picture.Width + picture.Height) / 2.0;
        var line = Math.Max(SmallestLine, (int)Math.Round(size * LineShare));
        var unit = Math.Max(SmallestLetter, size * LetterShare) / StrokeFont.CapHeight;

        // All boxes first, so that no line crosses a label.
        var inOrder = detections.OrderBy(detection => detection.Score).ToList();
        foreach (var detection in inOrder)
        {
            var (x1, y1, x2, y2) = Pixels(detection.Box, canvas);
            canvas.Outline(x1, y1, x2, y2, line, CategoryColour.Of(detection.Category.Name));
        }

        foreach (var detection in inOrder)
            Label(canvas, detection, unit);
        return canvas.ToPicture();
    }

    /// <summary>Above the box where there is room, else inside at its top; moved so that it stays on the picture.</summary>
    private static void Label(Canvas canvas, DetectedObject detection, double unit)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{detection.Category.Name} {detection.Score:0.00}");
        var margin = unit + Canvas.PenRadius(unit);
        var width = (int)Math.Ceiling(StrokeFont.Width(text) * unit + 2 * margin);
        var height = (int)Math.Ceiling(StrokeFont.Height * unit + 2 * margin);
        var (left, boxTop, _, _) = Pixels(detection.Box, canvas);
        var top = boxTop >= height ? boxTop - height : boxTop;
        left = Math.Max(0, Math.Min(left, canvas.Width - width));
        top = Math.Max(0, Math.Min(top, canvas.Height - height));

        var colour = CategoryColour.Of(detection.Category.Name);
        canvas.Fill(left, top, left + width, top + height, colour);
        canvas.Write(text, left + margin, top + margin, unit, colour.Readable);
    }

    /// <summary>Whole pixels on the picture, at least one each way.</summary>
    private static (int X1, int Y1, int X2, int Y2) Pixels(Box box, Canvas canvas)
    {
        var (x1, x2) = Range(box.X1, box.X2, canvas.Width);
        var (y1, y2) = Range(box.Y1, box.Y2, canvas.Height);
        return (x1, y1, x2, y2);
    }

    private static (int From, int To) Range(double from, double to, int size)
    {
        var first = (int)Math.Clamp(Math.Round(from), 0, size - 1);
        return (first, (int)Math.Clamp(Math.Round(to), first + 1, size));
    }
}
