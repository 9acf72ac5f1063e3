using Serve.Eval;
using Serve.Inference.Scenes.Drawing;
using Serve.Inference.Scenes.Figures;

namespace Serve.Inference.Scenes.Domains;

/// <summary>Photo-like: textured ground under directed light, on which things of very different size stand and throw shadows.</summary>
internal static class PhotoScene
{
    private const int Width = 640;
    private const int Height = 480;
    private const double MinHeight = 10;
    private const double MaxHeight = 300;
    private const double MaxHeroHeight = 560;

    /// <summary>Draws a scene.</summary>
    public static DrawnScene Draw(ref SplitMix64 random)
    {
        var builder = new SceneBuilder(new(Width, Height));
        var camera = new Camera(random.NextDouble(0.3, 0.7) * Width, random.NextDouble(0.2, 0.4) * Height, 520, 1);
        var light = Light.From(random.NextBool(0.5) ? -0.55 : 0.55, -random.NextDouble(0.4, 0.8), random.NextDouble(0.5, 0.8));
        var backdrop = Backdrop.Draw(ref random);
        backdrop.Paint(builder.Canvas, camera, light);

        var painter = new ColorPainter(builder.Canvas, light, backdrop.Haze);
        foreach (var actor in Actors(builder, camera.Horizon, ref random).OrderBy(a => a.Foot.Y))
        {
            painter.PaintShadow(actor.Figure, actor.Foot, actor.Height, 0.55);
            builder.Paint(actor, (a, number) => painter.Paint(a.Figure, a.Pose, number));
        }

        Lens.Apply(builder.Canvas, ref random);
        return builder.Finish();
    }

    private static List<Actor> Actors(SceneBuilder builder, double horizon, ref SplitMix64 random)
    {
        var actors = new List<Actor>();
        var hero = random.NextBool(0.45);
        var count = random.NextInt(10) + 4;
        for (var i = 0; i < count; i++)
        {
            var figure = FigureMaker.Make((SceneCategory)(random.NextInt(8) + 1), ref random);

            // Uniform in the logarithm: as many things of 10 to 30 pixels as of 100 to 300.
            var height = hero && i == 0
                ? random.NextDouble(MaxHeight, MaxHeroHeight) / Math.Max(1, figure.Width * 0.9)
                : MinHeight * Math.Pow(MaxHeight / MinHeight, random.NextDouble());
            var nearest = Math.Max(horizon + 12, Math.Min(height * 0.75, Height - 20));
            var foot = new Vec(random.NextDouble(0.02, 0.98) * Width, random.NextDouble(nearest, Height * 1.02));
            actors.Add(new(figure, foot, height, random.NextBool(0.5)));
        }

        if (random.NextBool(0.4)) AddCrowd(actors, builder, horizon, ref random);
        return actors;
    }

    // A flower bed, or a troop of tiny people.
    private static void AddCrowd(List<Actor> actors, SceneBuilder builder, double horizon, ref SplitMix64 random)
    {
        var category = random.NextBool(0.6) ? SceneCategory.Flower : SceneCategory.Person;
        var crowd = builder.OpenCrowd(category);
        var middle = new Vec(random.NextDouble(0.15, 0.85) * Width, random.NextDouble(horizon + 30, Height * 0.9));
        var height = random.NextDouble(14, 36);
        for (var i = random.NextInt(14) + 12; i > 0; i--)
        {
            var foot = middle + new Vec(random.NextDouble(-2.4, 2.4) * height, random.NextDouble(-0.5, 0.5) * height);
            actors.Add(new(FigureMaker.Make(category, ref random), foot, height * random.NextDouble(0.85, 1.15), random.NextBool(0.5), crowd));
        }
    }
}
