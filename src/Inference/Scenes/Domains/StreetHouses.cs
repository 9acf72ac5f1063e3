using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Domains;

/// <summary>Rows of houses along both sides of a street. They are background: nothing to be detected.</summary>
internal static class StreetHouses
{
    private const double NearestDepth = 2;
    private const double FarthestDepth = 160;
    private const double Storey = 3.1;

    /// <summary>Paints both rows from far to near.</summary>
    public static void Paint(Canvas canvas, Camera camera, double offset, double distance, StreetWeather weather, Light light, ref SplitMix64 random)
    {
        foreach (var side in (ReadOnlySpan<int>)[-1, 1])
        {
            var houses = new List<House>();
            for (var depth = NearestDepth; depth < FarthestDepth;)
            {
                var length = random.NextDouble(8, 20);
                var gap = random.NextBool(0.25) ? random.NextDouble(3, 12) : 0;
                var wall = Rgb.FromHsv(random.NextDouble(0, 0.15), random.NextDouble(0.05, 0.5), random.NextDouble(0.45, 0.85));
                houses.Add(new(depth, depth + length, random.NextInt(5) + 2, wall, (uint)random.NextInt(int.MaxValue)));
                depth += length + gap;
            }

            // The side that the light comes from lies in the shade.
            var lit = side * light.X > 0 ? 0.72 : 1.0;
            var painter = new Painter(canvas, camera, side, side * distance - offset, weather);
            foreach (var house in Enumerable.Reverse(houses)) painter.Paint(house, lit);
        }
    }

    private sealed record House(double Near, double Far, int Storeys, Rgb Wall, uint Seed);

    private sealed class Painter(Canvas canvas, Camera camera, int side, double x, StreetWeather weather)
    {
        private const double End = 14; // metres from the street to the back of a house

        public void Paint(House house, double lit)
        {
            var height = house.Storeys * Storey + 0.8;
            PaintEnd(house, height, lit);
            PaintFacade(house, height, lit);
        }

        // The wall that faces the viewer; a nearer house without a gap hides it.
        private void PaintEnd(House house, double height, double lit)
        {
            Vec[] wall =
            [
                camera.Project(x, 0, house.Near), camera.Project(x, height, house.Near),
                camera.Project(x + side * End, height, house.Near), camera.Project(x + side * End, 0, house.Near),
            ];
            Fill(wall, house.Wall * (1.5 - lit) * 0.85, house);
        }

        private void PaintFacade(House house, double height, double lit)
        {
            Fill(Quad(house.Near, house.Far, 0, height), house.Wall * lit, house);
            Fill(Quad(house.Near, house.Far, height - 0.5, height), house.Wall * (lit * 0.75), house);
            var columns = (int)((house.Far - house.Near) / 2.8);
            if (camera.Pixels(1.5, house.Near) < 4) return;
            for (var storey = 0; storey < house.Storeys; storey++)
            {
                for (var column = columns - 1; column >= 0; column--)
                {
                    var near = house.Near + (column + 0.28) * (house.Far - house.Near) / columns;
                    var bottom = storey * Storey + (storey == 0 ? 0.6 : 1);
                    var dark = Noise.Corner(column, storey, house.Seed);
                    var glass = dark > 0.85 ? new Rgb(0.85, 0.74, 0.45) : new Rgb(0.20, 0.25, 0.32) * (0.7 + 0.7 * dark);
                    Fill(Quad(near - 0.12, near + 1.42, bottom - 0.15, bottom + 1.75), house.Wall.Mix(Rgb.White, 0.45) * lit, house);
                    Fill(Quad(near, near + 1.3, bottom, bottom + 1.6), glass, house);
                }
            }
        }

        private Vec[] Quad(double near, double far, double bottom, double top) =>
        [
            camera.Project(x, bottom, near), camera.Project(x, top, near), camera.Project(x, top, far), camera.Project(x, bottom, far),
        ];

        private void Fill(Vec[] wall, Rgb color, House house)
        {
            var haze = weather.HazeAt(house.Near);
            canvas.Fill(Coverage.Of([wall], canvas.Area), (px, py) =>
                (color * (0.9 + 0.2 * Noise.Fractal(px / 9, py / 9, 2, house.Seed))).Mix(weather.Haze, haze));
        }
    }
}
