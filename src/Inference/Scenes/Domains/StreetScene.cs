using Serve.Eval;
using Serve.Inference.Scenes.Drawing;
using Serve.Inference.Scenes.Figures;

namespace Serve.Inference.Scenes.Domains;

/// <summary>A street in perspective: the same kinds of things from a few pixels at the horizon to most of the picture beside the camera.</summary>
internal static class StreetScene
{
    private const int Width = 800;
    private const int Height = 448;

    // Half widths in metres: the road, and with the pavements.
    private const double Road = 3.7;
    private const double Pavement = 7.2;

    /// <summary>Draws a scene.</summary>
    public static DrawnScene Draw(ref SplitMix64 random)
    {
        var builder = new SceneBuilder(new(Width, Height));
        var camera = new Camera(Width * random.NextDouble(0.38, 0.62), Height * random.NextDouble(0.38, 0.5), 430, random.NextDouble(1.4, 2.0));
        var offset = random.NextDouble(-1.5, 2.5); // of the camera from the middle of the road, metres
        var light = Light.From(random.NextBool(0.5) ? -0.6 : 0.6, -random.NextDouble(0.5, 0.9), random.NextDouble(0.4, 0.7));
        var weather = StreetWeather.Draw(ref random);
        StreetGround.Paint(builder.Canvas, camera, offset, Road, Pavement, weather, ref random);
        StreetHouses.Paint(builder.Canvas, camera, offset, Pavement + 0.6, weather, light, ref random);

        var painter = new ColorPainter(builder.Canvas, light, weather.Haze);
        foreach (var actor in new StreetActors(builder, camera, offset).Draw(ref random).OrderByDescending(a => a.Depth))
        {
            var haze = weather.HazeAt(actor.Depth);
            if (!actor.Floats) painter.PaintShadow(actor.Figure, actor.Foot, actor.Height, 0.6 * weather.Shadow * (1 - haze));
            builder.Paint(actor, (a, number) => painter.Paint(a.Figure, a.Pose, number, haze));
        }

        var brightness = weather.Brightness;
        builder.Canvas.Transform((_, _, color) => new(color.R * brightness.R, color.G * brightness.G, color.B * brightness.B));
        Lens.Apply(builder.Canvas, ref random);
        return builder.Finish();
    }
}
