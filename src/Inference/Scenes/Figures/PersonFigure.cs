using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>A person, walking or standing, in clothes of various colours.</summary>
internal static class PersonFigure
{
    private static readonly Rgb[] Skins = [new(0.96, 0.80, 0.69), new(0.88, 0.67, 0.52), new(0.70, 0.48, 0.34), new(0.47, 0.31, 0.22)];
    private static readonly Rgb[] Hairs = [new(0.12, 0.09, 0.08), new(0.35, 0.22, 0.12), new(0.75, 0.58, 0.30), new(0.62, 0.62, 0.62)];

    public static Figure Make(ref SplitMix64 random)
    {
        var skin = Skins[random.NextInt(Skins.Length)];
        var hair = Hairs[random.NextInt(Hairs.Length)];
        var shirt = Rgb.FromHsv(random.NextDouble(), random.NextDouble(0.25, 0.85), random.NextDouble(0.45, 0.95));
        var trousers = Rgb.FromHsv(random.NextDouble(0.5, 0.75), random.NextDouble(0.1, 0.6), random.NextDouble(0.18, 0.5));
        var shoes = Rgb.Grey(random.NextDouble(0.08, 0.3));
        var wide = random.NextDouble(0.85, 1.2);
        var stride = random.NextDouble(0.01, 0.12);
        var skirt = random.NextBool(0.25);

        var hip = new Vec(0, -0.47);
        var (near, far) = (new Vec(stride, -0.035), new Vec(-stride, -0.035));
        var (shoulder, armLength) = (new Vec(0.10 * wide, -0.775), 0.34);
        var swing = stride * 3;

        var parts = new List<Part>
        {
            Arm(-1, -swing), Hand(-1, -swing),
            Leg(far, trousers * 0.8), Foot(far), Leg(near, trousers), Foot(near),
            new(Torso(wide, skirt), shirt, Surface.Round),
            new(Shapes.Limb(new(0, -0.84), new(0, -0.80), 0.035, 0.04), skin * 0.85, Surface.Round),
            new(Shapes.Ellipse(new(0, -0.915), 0.068, 0.085), hair, Surface.Soft),
            new(Shapes.Ellipse(new(0.012, -0.902), 0.055, 0.066), skin, Surface.Soft),
            Eye(-0.010), Eye(0.036),
            new(Shapes.Limb(new(-0.002, -0.872), new(0.028, -0.872), 0.005, 0.005), new(0.6, 0.25, 0.22)),
            Arm(1, swing), Hand(1, swing),
        };
        return new(SceneCategory.Person, parts);

        Part Leg(Vec ankle, Rgb color) => new(Shapes.Limb(hip + new Vec(ankle.X * 0.3, 0), ankle, 0.075 * wide, 0.042), color, Surface.Round);

        Part Foot(Vec ankle) => new(Shapes.Limb(ankle + new Vec(0, 0.01), ankle + new Vec(0.06, 0.012), 0.023, 0.023), shoes, Surface.Round);

        Part Arm(int side, double reach) => new(Shapes.Limb(Shoulder(side), Wrist(side, reach), 0.042, 0.03), shirt * (side < 0 ? 0.75 : 0.92), Surface.Round);

        Part Hand(int side, double reach) => new(Shapes.Circle(Wrist(side, reach), 0.03, 16), skin, Surface.Soft);

        Part Eye(double x) => new(Shapes.Circle(new(x, -0.910), 0.0085, 10), Rgb.Grey(0.06));

        Vec Shoulder(int side) => new(shoulder.X * side, shoulder.Y);

        Vec Wrist(int side, double reach) => Shoulder(side) + new Vec(side * 0.03 + reach * 0.5, armLength - Math.Abs(reach) * 0.15);
    }

    private static Vec[] Torso(double wide, bool skirt)
    {
        var (chest, waist) = (0.125 * wide, 0.095 * wide);
        var (hem, bottom) = skirt ? (0.17 * wide, -0.30) : (waist, -0.44);
        return Shapes.Rounded([new(-chest, -0.82), new(chest, -0.82), new(waist, -0.6), new(hem, bottom), new(-hem, bottom), new(-waist, -0.6)]);
    }
}
