using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Domains;

/// <summary>A speech balloon with scribbled words. It hides what is behind it and is no object itself.</summary>
internal static class SpeechBalloon
{
    private const int Nobody = 0;

    /// <summary>Draws a balloon into the upper part of a panel.</summary>
    public static void Draw(Canvas canvas, Area panel, ref SplitMix64 random)
    {
        var (rx, ry) = (random.NextDouble(0.15, 0.24) * panel.Width, random.NextDouble(0.08, 0.13) * panel.Height);
        var center = new Vec(panel.Left + random.NextDouble(0.28, 0.72) * panel.Width, panel.Top + ry + random.NextDouble(6, 0.12 * panel.Height));
        var balloon = Shapes.Ellipse(center, rx, ry, 48);
        var tip = center + new Vec(random.NextDouble(-0.6, 0.6) * rx, ry * 1.6);
        Vec[] tail = [center + new Vec(-0.18 * rx, ry * 0.9), center + new Vec(0.14 * rx, ry * 0.9), tip];

        Ink([.. Pen.Around(balloon, 2), .. Pen.Around(tail, 2)], panel, canvas);
        var inside = Coverage.Of(Silhouette.Of([balloon, tail]), panel);
        canvas.Fill(inside, (_, _) => Rgb.White);
        Ink([.. Pen.Around(balloon, 1.2)], panel, canvas);
        canvas.Fill(Coverage.Of([Shapes.Ellipse(center, rx - 0.8, ry - 0.8, 48)], panel), (_, _) => Rgb.White);
        canvas.Own(inside, Nobody);

        for (var y = center.Y - ry * 0.5; y <= center.Y + ry * 0.55; y += 8)
        {
            var half = 0.78 * rx * Math.Sqrt(Math.Max(0, 1 - Math.Pow((y - center.Y) / ry, 2)));
            for (var x = center.X - half; x < center.X + half - 6;)
            {
                var end = Math.Min(center.X + half, x + random.NextDouble(8, 26));
                Ink(Pen.Along(Scribble(x, end, y, ref random), 1.3), panel, canvas);
                x = end + 5;
            }
        }
    }

    private static List<Vec> Scribble(double from, double to, double y, ref SplitMix64 random)
    {
        var points = new List<Vec>();
        for (var x = from; x < to; x += 2) points.Add(new(x, y + random.NextDouble(-2.4, 2.4)));
        return points;
    }

    private static void Ink(IEnumerable<Vec[]> strokes, Area clip, Canvas canvas) =>
        canvas.Fill(Coverage.Of(Silhouette.Of([.. strokes]), clip), (_, _) => Rgb.Black);
}
