using System.Globalization;
using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Masks;
using Serve.Inference.Pictures;

namespace Serve.Inference.Drawing;

/// <summary>Draws detections on a picture in their category's colour: masks, boxes, keypoints, each detection with a label of name and score.</summary>
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

    // What is under a mask stays recognisable.
    private const double MaskShare = 0.4;

    // Models give a place to every keypoint, seen or not.
    private const float SeenKeypoint = 0.3f;

    /// <summary>Draws detections and encodes the picture.</summary>
    /// <param name="picture">The picture; it is not changed.</param>
    /// <param name="detections">What to draw, boxes in the picture's pixels. The best scores come to lie on top.</param>
    /// <param name="mediaType">One of <see cref="PictureEncoder.MediaTypes"/>.</param>
    /// <exception cref="InvalidInputException">Another media type; the message lists those that are written.</exception>
    public static byte[] Draw(Picture picture, IReadOnlyList<DetectedObject> detections, string mediaType)
        => PictureEncoder.Encode(Draw(picture, detections), mediaType);

    /// <summary>Draws detections on a copy of the picture.</summary>
    /// <param name="picture">The picture; it is not changed.</param>
    /// <param name="detections">What to draw, boxes in the picture's pixels. The best scores come to lie on top.</param>
    /// <param name="scores">Whether labels give the score; annotations have none.</param>
    public static Picture Draw(Picture picture, IReadOnlyList<DetectedObject> detections, bool scores = true)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(detections);
        var canvas = new Canvas(picture);
        var size = (picture.Width + picture.Height) / 2.0;
        var line = Math.Max(SmallestLine, (int)Math.Round(size * LineShare));
        var unit = Math.Max(SmallestLetter, size * LetterShare) / StrokeFont.CapHeight;

        // Masks, then all boxes, then labels: nothing is laid over what has to be read.
        var inOrder = detections.OrderBy(detection => detection.Score).ToList();
        foreach (var detection in inOrder)
            DrawMask(canvas, detection, line);
        foreach (var detection in inOrder)
        {
            var box = Pixels(detection.Box, canvas);
            canvas.Outline(box.Left, box.Top, box.Right, box.Bottom, line, ColourOf(detection));
            DrawKeypoints(canvas, detection, line);
        }

        // The best have the first choice of a place, and lie on top.
        var placement = new LabelPlacement(canvas.Width, canvas.Height);
        var labels = Enumerable.Reverse(inOrder).Select(detection => Label(canvas, placement, detection, unit, scores)).ToList();
        foreach (var label in Enumerable.Reverse(labels))
            Write(canvas, label, unit);
        return canvas.ToPicture();
    }

    private static void DrawMask(Canvas canvas, DetectedObject detection, int line)
    {
        // A mask of another picture than this one has no place on it.
        if (detection.Mask is not { } mask || mask.Width != canvas.Width || mask.Height != canvas.Height)
            return;
        var pixels = BitMask.Of(mask);
        canvas.Tint(pixels, ColourOf(detection), MaskShare);
        canvas.Edge(pixels, line, ColourOf(detection));
    }

    private static void DrawKeypoints(Canvas canvas, DetectedObject detection, int line)
    {
        if (detection.Keypoints is not { } keypoints)
            return;
        var colour = ColourOf(detection);
        foreach (var (from, to) in Skeleton.Of(keypoints.Count))
            if (IsSeen(keypoints[from]) && IsSeen(keypoints[to]))
                canvas.Line((keypoints[from].X, keypoints[from].Y), (keypoints[to].X, keypoints[to].Y), line / 2.0, colour);
        foreach (var keypoint in keypoints)
        {
            if (!IsSeen(keypoint))
                continue;
            // A ring around it: points are seen on anything, also on their own mask.
            canvas.Line((keypoint.X, keypoint.Y), (keypoint.X, keypoint.Y), 1.5 * line + 1, colour.Readable);
            canvas.Line((keypoint.X, keypoint.Y), (keypoint.X, keypoint.Y), 1.5 * line, colour);
        }
    }

    private static bool IsSeen(Keypoint keypoint) => keypoint.Score is null or >= SeenKeypoint;

    private static PlacedLabel Label(Canvas canvas, LabelPlacement placement, DetectedObject detection, double unit, bool scores)
    {
        var margin = unit + Canvas.PenRadius(unit);
        var text = Fitting(detection, (canvas.Width - 2 * margin) / unit, scores);
        var width = (int)Math.Ceiling(StrokeFont.Width(text) * unit + 2 * margin);
        var height = (int)Math.Ceiling(StrokeFont.Height * unit + 2 * margin);
        return new PlacedLabel(text, placement.Place(Pixels(detection.Box, canvas), width, height), margin, ColourOf(detection));
    }

    private static void Write(Canvas canvas, PlacedLabel label, double unit)
    {
        var place = label.Place;
        canvas.Fill(place.Left, place.Top, place.Right, place.Bottom, label.Colour);
        canvas.Write(label.Text, place.Left + label.Margin, place.Top + label.Margin, unit, label.Colour.Readable);
    }

    /// <summary>Name and score; of a name too long for the picture as much as there is room for, so that the score stays.</summary>
    private static string Fitting(DetectedObject detection, double units, bool scores)
    {
        var name = detection.Category.Name;
        var score = scores ? detection.Score.ToString(" 0.00", CultureInfo.InvariantCulture) : "";
        var text = $"{name}{score}";
        for (var kept = Math.Min(name.Length, (int)units) - 1; kept > 0 && StrokeFont.Width(text) > units; kept--)
            text = $"{name[..kept]}..{score}";
        return text;
    }

    private static Colour ColourOf(DetectedObject detection) => CategoryColour.Of(detection.Category.Name);

    /// <summary>Whole pixels on the picture, at least one each way.</summary>
    private static PixelRectangle Pixels(Box box, Canvas canvas)
    {
        var (x1, x2) = Range(box.X1, box.X2, canvas.Width);
        var (y1, y2) = Range(box.Y1, box.Y2, canvas.Height);
        return new PixelRectangle(x1, y1, x2 - x1, y2 - y1);
    }

    private static (int From, int To) Range(double from, double to, int size)
    {
        var first = (int)Math.Clamp(Math.Round(from), 0, size - 1);
        return (first, (int)Math.Clamp(Math.Round(to), first + 1, size));
    }

    private readonly record struct PlacedLabel(string Text, PixelRectangle Place, double Margin, Colour Colour);
}
