using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Domains;

/// <summary>The ground of a photo and what stands behind it.</summary>
/// <param name="Ground">Colour of the ground at (metres right, metres ahead).</param>
/// <param name="Back">Colour above the horizon, at a pixel and its share of the way up from the horizon.</param>
/// <param name="Haze">What far things fade to.</param>
internal sealed record Backdrop(Func<Camera, double, double, Rgb> Ground, Func<double, double, double, Rgb> Back, Rgb Haze)
{
    /// <summary>Draws one of a meadow, a beach, snow, a wooden floor, tiles, or cloth.</summary>
    public static Backdrop Draw(ref SplitMix64 random)
    {
        var kind = random.NextInt(6);
        var seed = (uint)random.NextInt(int.MaxValue);
        var tint = random.NextDouble();
        var wall = Rgb.FromHsv(random.NextDouble(), random.NextDouble(0.06, 0.3), random.NextDouble(0.5, 0.9));
        var sky = Sky(seed, random.NextDouble());
        return kind switch
        {
            0 => new(Meadow(seed, tint), Hills(sky, new(0.28, 0.42, 0.25), seed), new(0.75, 0.82, 0.85)),
            1 => new(Sand(seed, tint), Sea(sky), new(0.80, 0.84, 0.86)),
            2 => new(Snow(seed), Hills(sky, new(0.62, 0.70, 0.80), seed), new(0.88, 0.91, 0.95)),
            3 => new(Planks(seed, tint), Wall(wall, seed), wall),
            4 => new(Tiles(seed, tint), Wall(wall, seed), wall),
            _ => new(Cloth(seed, tint), Wall(wall, seed), wall),
        };
    }

    /// <summary>Paints all of the canvas, brighter toward the light.</summary>
    public void Paint(Canvas canvas, Camera camera, Light light)
    {
        var (width, height) = (canvas.Area.Width, canvas.Area.Height);
        canvas.Fill(canvas.Area, (x, y) =>
        {
            var falloff = 1 + 0.22 * (light.X * (2 * x / width - 1) + 0.5 * light.Y * (2 * y / height - 1));
            if (y <= camera.Horizon) return Back(x, y, 1 - y / camera.Horizon) * falloff;
            var (groundX, depth) = camera.Ground(x, y);
            var color = Ground(camera, groundX, depth).Mix(Haze, depth / (depth + 30));
            return color * (falloff * (1 - 0.25 / (1 + depth)));
        });
    }

    private static Func<Camera, double, double, Rgb> Meadow(uint seed, double tint)
    {
        var (dark, bright) = (Rgb.FromHsv(0.24 + 0.1 * tint, 0.65, 0.30), Rgb.FromHsv(0.20 + 0.1 * tint, 0.6, 0.62));
        return (camera, x, z) =>
        {
            var patches = Noise.Fractal(x * 3, z * 1.5, 3, seed);
            var blades = Noise.At(x * 70, z * 22, seed + 9) * Noise.At(x * 31, z * 9, seed + 10) - 0.25;
            return dark.Mix(bright, Math.Clamp(patches + 0.9 * blades * camera.Detail(45, z), 0, 1));
        };
    }

    private static Func<Camera, double, double, Rgb> Sand(uint seed, double tint)
    {
        var (dark, bright) = (Rgb.FromHsv(0.09 + 0.02 * tint, 0.42, 0.66), Rgb.FromHsv(0.11, 0.30, 0.90));
        return (camera, x, z) =>
        {
            var ripples = Noise.At(x * 2 + 3 * Noise.At(x * 1.5, z * 1.5, seed + 3), z * 14, seed + 4) * camera.Detail(14, z);
            var grains = (Noise.At(x * 160, z * 110, seed + 5) - 0.5) * camera.Detail(90, z);
            return dark.Mix(bright, Math.Clamp(0.6 * Noise.Fractal(x * 2, z * 2, 3, seed) + 0.35 * ripples + 0.35 * grains + 0.1, 0, 1));
        };
    }

    private static Func<Camera, double, double, Rgb> Snow(uint seed) => (camera, x, z) =>
    {
        var drifts = Noise.Fractal(x * 1.2, z * 0.8, 4, seed);
        var sparkle = Noise.At(x * 120, z * 90, seed + 5) > 0.9 ? 0.12 * camera.Detail(60, z) : 0;
        return new Rgb(0.70, 0.77, 0.88).Mix(new(0.96, 0.97, 0.99), drifts) + Rgb.Grey(sparkle);
    };

    private static Func<Camera, double, double, Rgb> Planks(uint seed, double tint)
    {
        var wood = Rgb.FromHsv(0.06 + 0.04 * tint, 0.55, 0.45 + 0.3 * tint);
        return (camera, x, z) =>
        {
            var column = (int)Math.Floor(x * 3.2);
            var board = z * 0.35 + Noise.Corner(column, 1, seed) * 3;
            var tone = 0.8 + 0.35 * Noise.Corner(column, (int)Math.Floor(board), seed);
            var grain = (Noise.Fractal(x * 55, z * 1.6, 2, seed + 2) - 0.5) * camera.Detail(12, z);
            var edge = Math.Min(x * 3.2 - column, (board - Math.Floor(board)) * 9);
            var gap = edge < 0.035 ? 0.55 : 1;
            return wood * (tone * (1 + 0.45 * grain) * (1 - (1 - gap) * camera.Detail(3, z)));
        };
    }

    private static Func<Camera, double, double, Rgb> Tiles(uint seed, double tint)
    {
        var (first, second) = (Rgb.FromHsv(tint, 0.15, 0.85), Rgb.FromHsv((tint + 0.4) % 1, 0.35, 0.5));
        return (camera, x, z) =>
        {
            var (column, row) = (Math.Floor(x * 1.6), Math.Floor(z * 1.6));
            var plain = (long)(column + row) % 2 == 0 ? first : second;
            var tile = plain.Mix(first.Mix(second, 0.5), 1 - camera.Detail(1.2, z));
            var grout = Math.Min(x * 1.6 - column, z * 1.6 - row) < 0.03 ? 0.3 * camera.Detail(4, z) : 0;
            return tile * ((0.92 + 0.16 * Noise.Fractal(x * 9, z * 9, 3, seed)) * (1 - grout));
        };
    }

    private static Func<Camera, double, double, Rgb> Cloth(uint seed, double tint)
    {
        var (cloth, stripe) = (Rgb.FromHsv(tint, 0.36, 0.6), Rgb.FromHsv((tint + 0.08) % 1, 0.2, 0.75));
        return (camera, x, z) =>
        {
            var weave = (Noise.At(x * 90, z * 25, seed) + Noise.At(x * 25, z * 90, seed + 1) - 1) * camera.Detail(40, z);
            var folds = Noise.Fractal(x * 1.4 + z * 0.4, z * 0.5, 2, seed + 2);
            var striped = Math.Abs(x * 2 - Math.Round(x * 2)) < 0.12;
            return (striped ? stripe : cloth) * (0.72 + 0.45 * folds + 0.35 * weave);
        };
    }

    private static Func<double, double, double, Rgb> Sky(uint seed, double weather) => (x, y, up) =>
    {
        var clear = new Rgb(0.80, 0.88, 0.94).Mix(new(0.32, 0.55, 0.86), up);
        var cloud = Math.Clamp((Noise.Fractal(x / 170, y / 60, 5, seed + 20) - 0.62 + 0.3 * weather) * 3, 0, 1);
        return clear.Mix(new(0.95, 0.95, 0.96), cloud);
    };

    private static Func<double, double, double, Rgb> Hills(Func<double, double, double, Rgb> sky, Rgb color, uint seed) => (x, y, up) =>
    {
        var far = 0.55 * Noise.Fractal(x / 260, 0.5, 4, seed + 30);
        var near = 0.32 * Noise.Fractal(x / 150, 0.5, 4, seed + 31);
        if (up < near) return color * (0.9 + 0.3 * Noise.Fractal(x / 7, y / 5, 2, seed + 32));
        return up < far ? color.Mix(new(0.72, 0.80, 0.88), 0.55) : sky(x, y, up);
    };

    private static Func<double, double, double, Rgb> Sea(Func<double, double, double, Rgb> sky) => (x, y, up) => up < 0.22
        ? new Rgb(0.16, 0.40, 0.52).Mix(new(0.55, 0.75, 0.80), 1 - up / 0.22) * (0.92 + 0.16 * Noise.At(x / 25, y * 0.8, 5))
        : sky(x, y, up);

    private static Func<double, double, double, Rgb> Wall(Rgb color, uint seed) => (x, y, up) => up < 0.09
        ? Rgb.Grey(0.86 - 0.2 * (up < 0.015 ? 1 : 0))
        : color * (0.85 + 0.2 * up + 0.05 * Noise.Fractal(x / 40, y / 40, 3, seed));
}
