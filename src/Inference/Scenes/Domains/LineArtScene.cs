using Serve.Eval;
using Serve.Inference.Scenes.Drawing;
using Serve.Inference.Scenes.Figures;

namespace Serve.Inference.Scenes.Domains;

/// <summary>Line art: a page of panels in black ink, dense with overlapping things.</summary>
internal static class LineArtScene
{
    private const int Width = 480;
    private const int Height = 640;
    private const int Margin = 14;
    private const int Gutter = 9;
    private const int MinPanel = 150;

    /// <summary>Draws a page.</summary>
    public static DrawnScene Draw(ref SplitMix64 random)
    {
        var builder = new SceneBuilder(new(Width, Height));
        builder.Canvas.Fill(builder.Canvas.Area, (_, _) => Rgb.White);
        foreach (var panel in Panels(new(Margin, Margin, Width - Margin, Height - Margin), depth: 0, ref random))
            DrawPanel(builder, panel, ref random);
        return builder.Finish();
    }

    // Splits the longer side, at most three times, until panels would become too small.
    private static List<Area> Panels(Area area, int depth, ref SplitMix64 random)
    {
        var across = area.Height > area.Width;
        var length = across ? area.Height : area.Width;
        if (length < 2 * MinPanel + Gutter || depth > 2 || (depth > 0 && random.NextBool(0.25)) || (depth == 0 && random.NextBool(0.15)))
            return [area];
        var cut = MinPanel + random.NextInt(length - 2 * MinPanel - Gutter + 1);
        var (first, second) = across
            ? (area with { Bottom = area.Top + cut }, area with { Top = area.Top + cut + Gutter })
            : (area with { Right = area.Left + cut }, area with { Left = area.Left + cut + Gutter });
        return [.. Panels(first, depth + 1, ref random), .. Panels(second, depth + 1, ref random)];
    }

    private static void DrawPanel(SceneBuilder builder, Area panel, ref SplitMix64 random)
    {
        var horizon = panel.Top + panel.Height * random.NextDouble(0.3, 0.6);
        PanelBackground.Draw(builder.Canvas, panel, horizon, ref random);

        var painter = new InkPainter(builder.Canvas, Light.From(random.NextBool(0.5) ? -0.6 : 0.6, -0.7, 0.55));
        foreach (var actor in Actors(builder, panel, horizon, ref random).OrderBy(a => a.Foot.Y))
            builder.Paint(actor, (a, number) => painter.Paint(a.Figure, a.Pose, number, panel));

        if (random.NextBool(0.45)) SpeechBalloon.Draw(builder.Canvas, panel, ref random);
        Vec[] frame = Shapes.Rectangle(panel.Left, panel.Top, panel.Right, panel.Bottom);
        builder.Canvas.Fill(Coverage.Of(Silhouette.Of([.. Pen.Around(frame, 3)]), builder.Canvas.Area), (_, _) => Rgb.Black);
    }

    private static List<Actor> Actors(SceneBuilder builder, Area panel, double horizon, ref SplitMix64 random)
    {
        var actors = new List<Actor>();
        var (small, large) = (12.0, panel.Height * 1.1);
        for (var i = random.NextInt(8) + 3 + panel.Width * panel.Height / 25_000; i > 0; i--)
        {
            var figure = FigureMaker.Make((SceneCategory)(random.NextInt(8) + 1), ref random);
            var height = small * Math.Pow(Math.Min(large, panel.Width * 1.2 / figure.Width) / small, random.NextDouble());
            var foot = new Vec(
                panel.Left + random.NextDouble(0.04, 0.96) * panel.Width,
                random.NextDouble(Math.Min(Math.Max(horizon + 4, panel.Top + height * 0.8), panel.Bottom), panel.Bottom + height * 0.15));
            actors.Add(new(figure, foot, height, random.NextBool(0.5)));
        }

        if (random.NextBool(0.2)) AddCrowd(actors, builder, panel, horizon, ref random);
        return actors;
    }

    private static void AddCrowd(List<Actor> actors, SceneBuilder builder, Area panel, double horizon, ref SplitMix64 random)
    {
        var category = random.NextBool(0.6) ? SceneCategory.Person : SceneCategory.Flower;
        var crowd = builder.OpenCrowd(category);
        var left = panel.Left + random.NextDouble(0.05, 0.5) * panel.Width;
        var height = random.NextDouble(16, 26);
        for (var i = random.NextInt(10) + 12; i > 0; i--)
        {
            var foot = new Vec(left + random.NextDouble(0, 0.4) * panel.Width, horizon + random.NextDouble(0.1, 0.9) * height);
            actors.Add(new(FigureMaker.Make(category, ref random), foot, height * random.NextDouble(0.85, 1.15), random.NextBool(0.5), crowd));
        }
    }
}
