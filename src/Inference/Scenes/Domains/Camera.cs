using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Domains;

/// <summary>A level camera over flat ground.</summary>
/// <param name="CenterX">Pixel column straight ahead.</param>
/// <param name="Horizon">Pixel row of the horizon.</param>
/// <param name="Focal">Focal length in pixels.</param>
/// <param name="Eye">Height of the camera above the ground, metres.</param>
internal readonly record struct Camera(double CenterX, double Horizon, double Focal, double Eye)
{
    /// <summary>The pixel of a point.</summary>
    /// <param name="x">Metres to the right.</param>
    /// <param name="height">Metres above the ground.</param>
    /// <param name="depth">Metres ahead, positive.</param>
    public Vec Project(double x, double height, double depth) => new(CenterX + Focal * x / depth, Horizon + Focal * (Eye - height) / depth);

    /// <summary>The ground seen at a pixel below the horizon: metres to the right and ahead.</summary>
    public (double X, double Depth) Ground(double x, double y)
    {
        var depth = Focal * Eye / Math.Max(0.5, y - Horizon);
        return ((x - CenterX) * depth / Focal, depth);
    }

    /// <summary>Pixels of a length at a depth.</summary>
    public double Pixels(double metres, double depth) => Focal * metres / depth;

    /// <summary>
    /// How much of a texture is left at a depth, 0..1: grain finer than a pixel would only flicker.
    /// </summary>
    /// <param name="frequency">Grains a metre.</param>
    /// <param name="depth">Metres ahead.</param>
    public double Detail(double frequency, double depth) => Math.Clamp(0.8 * Focal * Eye / (frequency * depth * depth), 0, 1);
}
