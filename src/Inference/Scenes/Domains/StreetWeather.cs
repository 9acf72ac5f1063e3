using Serve.Eval;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Domains;

/// <summary>Light and air of a street.</summary>
/// <param name="Zenith">Sky above.</param>
/// <param name="Haze">Sky at the horizon, which far things fade to.</param>
/// <param name="Clouds">How much of the sky they cover, 0..1.</param>
/// <param name="Sight">Metres at which half of a thing is lost in the haze.</param>
/// <param name="Shadow">Strength of shadows, 0..1.</param>
/// <param name="Brightness">Factor on all colours.</param>
internal sealed record StreetWeather(Rgb Zenith, Rgb Haze, double Clouds, double Sight, double Shadow, Rgb Brightness)
{
    private static readonly StreetWeather[] All =
    [
        new(new(0.25, 0.50, 0.85), new(0.80, 0.87, 0.93), 0.35, 320, 0.95, new(1, 1, 0.98)), // clear
        new(new(0.62, 0.66, 0.71), new(0.80, 0.82, 0.84), 0.9, 130, 0.45, new(0.88, 0.90, 0.93)), // overcast
        new(new(0.34, 0.36, 0.60), new(0.98, 0.74, 0.52), 0.5, 200, 0.8, new(1.02, 0.88, 0.76)), // evening
        new(new(0.74, 0.76, 0.78), new(0.84, 0.85, 0.86), 1, 55, 0.3, new(0.96, 0.97, 0.98)), // fog
    ];

    public static StreetWeather Draw(ref SplitMix64 random) => All[random.NextInt(All.Length)];

    /// <summary>How much of a thing is lost at a depth, 0..1.</summary>
    public double HazeAt(double depth) => depth / (depth + Sight);
}
