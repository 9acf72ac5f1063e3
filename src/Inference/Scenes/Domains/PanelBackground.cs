using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Domains;

/// <summary>What lies behind the things of a panel: ground, and a plain, dotted, hatched or radiating sky.</summary>
internal static class PanelBackground
{
    private const double LinesADepth = 6;

    /// <summary>Draws the background of a panel.</summary>
    public static void Draw(Canvas canvas, Area panel, double horizon, ref SplitMix64 random)
    {
        var seed = (uint)random.NextInt(int.MaxValue);
        var direction = Vec.At(random.NextDouble(-0.3, 0.3) + Math.PI / 2);
        var (kind, spacing) = (random.NextInt(4), random.NextDouble(5, 8));
        var focus = new Vec(panel.Left + random.NextDouble(0.3, 0.7) * panel.Width, horizon - 0.2 * panel.Height);
        canvas.Fill(panel, (x, y) => Rgb.Grey(1 - (y > horizon ? Ground(x, y) : Sky(x, y))));
        canvas.Fill(Coverage.Of([Pen.Line(new(panel.Left, horizon), new(panel.Right, horizon), 1.6)], panel), (_, _) => Rgb.Black);

        double Sky(double x, double y) => kind switch
        {
            0 => 0,
            1 => Pen.Dots(x, y, spacing, spacing * 0.36 * (1 - (horizon - y) / panel.Height)),
            2 => Pen.Hatch(x, y, direction, spacing, 1.1) * (Noise.At(x / 60, y / 40, seed) > 0.45 ? 1 : 0),
            _ => Rays(x, y),
        };

        // Broken strokes that come closer toward the horizon.
        double Ground(double x, double y)
        {
            var depth = panel.Height / (y - horizon + 6);
            var line = Math.Floor(depth * LinesADepth);
            if (Noise.At(x / 25 + line * 7, line, seed + 1) < 0.62) return 0;
            var pixelsALine = panel.Height / (LinesADepth * depth * depth);
            return Math.Clamp(1.1 - Math.Abs(depth * LinesADepth - line - 0.5) * pixelsALine, 0, 1);
        }

        double Rays(double x, double y)
        {
            var angle = Math.Atan2(y - focus.Y, x - focus.X) * 24;
            var reach = new Vec(x - focus.X, y - focus.Y).Length / panel.Width;
            var width = 0.5 * Math.Clamp(reach - 0.25 - 0.3 * Noise.Corner((int)Math.Floor(angle), 0, seed), 0, 0.6);
            return Math.Clamp((width - Math.Abs(angle - Math.Floor(angle) - 0.5)) * reach * 20, 0, 1);
        }
    }
}
