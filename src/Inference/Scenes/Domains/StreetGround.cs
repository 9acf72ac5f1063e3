using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Domains;

/// <summary>Sky, road, pavements and lawns of a street.</summary>
internal static class StreetGround
{
    private static readonly Rgb Marking = new(0.86, 0.86, 0.83);

    /// <summary>Paints all of the canvas.</summary>
    /// <param name="canvas">The canvas.</param>
    /// <param name="camera">The camera.</param>
    /// <param name="offset">Its distance from the middle of the road, metres to the right.</param>
    /// <param name="road">Half of the road's width, metres.</param>
    /// <param name="pavement">The same with the pavements.</param>
    /// <param name="weather">Light and air.</param>
    /// <param name="random">The scene's stream.</param>
    public static void Paint(
        Canvas canvas, Camera camera, double offset, double road, double pavement, StreetWeather weather, ref SplitMix64 random)
    {
        var seed = (uint)random.NextInt(int.MaxValue);
        var crossing = random.NextBool(0.4) ? random.NextDouble(8, 25) : double.MaxValue;
        canvas.Fill(canvas.Area, (x, y) =>
        {
            if (y <= camera.Horizon) return Sky(x, y, 1 - y / camera.Horizon);
            var (cameraX, depth) = camera.Ground(x, y);
            return Ground(cameraX + offset, depth).Mix(weather.Haze, weather.HazeAt(depth));
        });

        Rgb Sky(double x, double y, double up)
        {
            var clear = weather.Haze.Mix(weather.Zenith, Math.Sqrt(up));
            var cloud = Math.Clamp((Noise.Fractal(x / 190, y / 55, 5, seed) - 0.75 + 0.4 * weather.Clouds) * 3.5, 0, 1);
            var far = Noise.Fractal(x / 120, 0.5, 4, seed + 1) * 0.22;
            var color = clear.Mix(weather.Haze.Mix(Rgb.White, 0.7), cloud * 0.85);
            return up < far ? new Rgb(0.35, 0.45, 0.42).Mix(weather.Haze, 0.6) : color;
        }

        Rgb Ground(double roadX, double depth)
        {
            var side = Math.Abs(roadX);
            var grain = (Noise.At(roadX * 28, depth * 9, seed + 2) - 0.5) * camera.Detail(20, depth);
            if (side < road) return Asphalt(roadX, depth, grain);
            if (side < road + 0.18) return Rgb.Grey(0.68 + 0.1 * grain);
            if (side > pavement) return new Rgb(0.32, 0.42, 0.24) * (0.75 + 0.5 * Noise.Fractal(roadX * 2, depth, 3, seed + 3) + 0.4 * grain);
            var (slabX, slabZ) = (roadX * 1.1, depth * 1.1);
            var joint = Math.Min(slabX - Math.Floor(slabX), slabZ - Math.Floor(slabZ)) < 0.05 ? 0.22 * camera.Detail(2.5, depth) : 0;
            var slab = 0.06 * Noise.Corner((int)Math.Floor(slabX), (int)Math.Floor(slabZ), seed + 4);
            return new Rgb(0.60, 0.58, 0.55) * (0.94 + slab + 0.25 * grain - joint);
        }

        Rgb Asphalt(double roadX, double depth, double grain)
        {
            var worn = Noise.Fractal(roadX * 0.9, depth * 0.18, 3, seed + 5);
            var asphalt = new Rgb(0.30, 0.30, 0.32) * (0.8 + 0.4 * worn + 0.45 * grain);
            var dashed = Math.Abs(roadX) < 0.08 && depth % 6 < 3;
            var edge = Math.Abs(Math.Abs(roadX) - road + 0.35) < 0.06;
            var stripe = depth > crossing && depth < crossing + 3 && Math.Abs(roadX) < road - 0.4 && (roadX + 20) % 1 < 0.5;
            return dashed || edge || stripe ? asphalt.Mix(Marking, 0.85 - 0.35 * worn) : asphalt;
        }
    }
}
