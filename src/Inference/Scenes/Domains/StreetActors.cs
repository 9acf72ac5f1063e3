using Serve.Eval;
using Serve.Inference.Scenes.Drawing;
using Serve.Inference.Scenes.Figures;

namespace Serve.Inference.Scenes.Domains;

/// <summary>Who and what is on a street, in metres from the middle of the road.</summary>
/// <param name="builder">The scene.</param>
/// <param name="camera">The camera.</param>
/// <param name="offset">Its distance from the middle of the road, metres to the right.</param>
internal sealed class StreetActors(SceneBuilder builder, Camera camera, double offset)
{
    private const double Nearest = 1.9;
    private const double Farthest = 95;
    private readonly List<Actor> actors = [];

    /// <summary>Draws all of them.</summary>
    public IReadOnlyList<Actor> Draw(ref SplitMix64 random)
    {
        AddTraffic(ref random);
        AddRows(ref random);
        AddPavements(ref random);
        if (random.NextBool(0.45)) AddGarland(ref random);
        if (random.NextBool(0.55)) AddCrowd(ref random);
        return actors;
    }

    // Right-hand traffic: tail lights ahead of us on the right, head lights on the left; now and then a car crosses.
    private void AddTraffic(ref SplitMix64 random)
    {
        foreach (var lane in (ReadOnlySpan<int>)[-1, 1])
        {
            for (var depth = random.NextDouble(3.2, 25); depth < Farthest; depth += random.NextDouble(7, 30))
                Add(CarFigure.MakeFromTheEnd(front: lane < 0, ref random), lane * 1.85, depth, random.NextDouble(1.4, 1.75), ref random);
        }

        if (random.NextBool(0.5)) Add(CarFigure.MakeFromTheSide(ref random), random.NextDouble(-3, 3), Distance(3, 40, ref random), 1.5, ref random);
    }

    // Trees and signs stand in rows.
    private void AddRows(ref SplitMix64 random)
    {
        foreach (var side in (ReadOnlySpan<int>)[-1, 1])
        {
            if (random.NextBool(0.75))
            {
                for (var depth = random.NextDouble(5, 14); depth < Farthest; depth += random.NextDouble(7, 13))
                    Add(TreeFigure.Make(ref random), side * 6.5, depth, random.NextDouble(4, 6.5), ref random);
            }

            for (var depth = random.NextDouble(3.5, 20); depth < 70; depth += random.NextDouble(8, 25))
                Add(SignFigure.Make(ref random), side * 4.2, depth, random.NextDouble(2.3, 3), ref random);
        }
    }

    private void AddPavements(ref SplitMix64 random)
    {
        for (var i = random.NextInt(10) + 4; i > 0; i--)
        {
            var x = random.NextBool(0.15) ? random.NextDouble(-3, 3) : Pavement(ref random);
            Add(PersonFigure.Make(ref random), x, Distance(Nearest, Farthest, ref random), random.NextDouble(1.5, 1.9), ref random);
        }

        for (var i = random.NextInt(5); i > 0; i--) Add(CrateFigure.Make(ref random), Pavement(ref random), Distance(Nearest, 45, ref random), random.NextDouble(0.5, 1.1), ref random);
        for (var i = random.NextInt(4); i > 0; i--) Add(BallFigure.Make(ref random), random.NextDouble(-5, 5), Distance(Nearest, 35, ref random), random.NextDouble(0.25, 0.5), ref random);
        for (var i = random.NextInt(6); i > 0; i--) Add(FlowerFigure.Make(ref random), Pavement(ref random), Distance(Nearest, 25, ref random), random.NextDouble(0.5, 0.9), ref random);
    }

    // Stars on a string across the street.
    private void AddGarland(ref SplitMix64 random)
    {
        var (depth, height) = (Distance(6, 30, ref random), random.NextDouble(4.2, 5.5));
        var line = Enumerable.Range(0, 17).Select(i => camera.Project(-7 + i * 14 / 16.0 - offset, Hang(i / 16.0), depth)).ToArray();
        builder.Canvas.Fill(Coverage.Of(Silhouette.Of([.. Pen.Along(line, Math.Max(1, camera.Pixels(0.04, depth)))]), builder.Canvas.Area), (_, _) => Rgb.Grey(0.15));
        var count = random.NextInt(4) + 2;
        for (var i = 0; i < count; i++)
        {
            var (share, size) = ((i + 0.5) / count, random.NextDouble(0.7, 1.3));
            var foot = camera.Project(-7 + 14 * share - offset, Hang(share) - size, depth);
            actors.Add(new(StarFigure.Make(ref random), foot, camera.Pixels(size, depth), random.NextBool(0.5), Depth: depth, Floats: true));
        }

        double Hang(double share) => height - 3 * share * (1 - share);
    }

    private void AddCrowd(ref SplitMix64 random)
    {
        var category = random.NextBool(0.7) ? SceneCategory.Person : SceneCategory.Flower;
        var crowd = builder.OpenCrowd(category);
        var (x, depth) = (Pavement(ref random), category == SceneCategory.Person ? Distance(22, 70, ref random) : Distance(7, 20, ref random));
        for (var i = random.NextInt(14) + 12; i > 0; i--)
        {
            var size = category == SceneCategory.Person ? random.NextDouble(1.5, 1.9) : random.NextDouble(0.45, 0.7);
            Add(FigureMaker.Make(category, ref random), x + random.NextDouble(-1.6, 1.6), depth * random.NextDouble(0.92, 1.08), size, ref random, crowd);
        }
    }

    private static double Pavement(ref SplitMix64 random) => (random.NextBool(0.5) ? -1 : 1) * random.NextDouble(4.3, 6.9);

    // Uniform in the logarithm, so that near and far are equally common.
    private static double Distance(double near, double far, ref SplitMix64 random) => near * Math.Pow(far / near, random.NextDouble());

    private void Add(Figure figure, double x, double depth, double metres, ref SplitMix64 random, int crowd = 0) =>
        actors.Add(new(figure, camera.Project(x - offset, 0, depth), camera.Pixels(metres, depth), random.NextBool(0.5), crowd, depth));
}
