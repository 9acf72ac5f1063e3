using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes.Figures;

/// <summary>How a part of a figure looks and takes light.</summary>
internal enum Surface
{
    /// <summary>A plate facing the viewer.</summary>
    Flat,

    /// <summary>A ball, with a highlight.</summary>
    Ball,

    /// <summary>Something rounded without a highlight: skin, a petal.</summary>
    Soft,

    /// <summary>An upright cylinder: cloth around a body, a trunk, a pole.</summary>
    Round,

    /// <summary>Foliage: rough, lit from above.</summary>
    Leaves,

    /// <summary>Planks with grain along x.</summary>
    Wood,

    /// <summary>Varnished sheet metal: reflects the sky above, the ground below.</summary>
    Paintwork,

    /// <summary>A window: dark, with a bright streak.</summary>
    Glass,
}

/// <summary>One closed outline of a figure and what fills it.</summary>
internal sealed class Part
{
    /// <summary>Creates a part.</summary>
    /// <param name="outline">In the figure's coordinates.</param>
    /// <param name="color">Its colour in plain light.</param>
    /// <param name="surface">How it takes light.</param>
    /// <param name="body">The outline of the body it is painted on, which decides its shading; the part itself unless given.</param>
    public Part(Vec[] outline, Rgb color, Surface surface = Surface.Flat, Vec[]? body = null)
    {
        (Outline, Color, Surface) = (outline, color, surface);
        body ??= outline;
        var (x1, y1) = (body.Min(p => p.X), body.Min(p => p.Y));
        var (x2, y2) = (body.Max(p => p.X), body.Max(p => p.Y));
        (Center, Radius) = (new((x1 + x2) / 2, (y1 + y2) / 2), new(Math.Max(1e-6, (x2 - x1) / 2), Math.Max(1e-6, (y2 - y1) / 2)));
    }

    public Vec[] Outline { get; }

    public Rgb Color { get; }

    public Surface Surface { get; }

    /// <summary>Middle of the body's box.</summary>
    public Vec Center { get; }

    /// <summary>Half of its width and height.</summary>
    public Vec Radius { get; }
}

/// <summary>
/// An object before it is placed: parts from back to front in its own coordinates, where y points down, it stands on (0, 0) and is one unit high.
/// </summary>
/// <param name="Category">What it is.</param>
/// <param name="Parts">From back to front.</param>
internal sealed record Figure(SceneCategory Category, IReadOnlyList<Part> Parts)
{
    /// <summary>Whether it looks right with left and right exchanged. A sign does not.</summary>
    public bool IsMirrorable => Category != SceneCategory.Sign;

    /// <summary>Width in heights.</summary>
    public double Width { get; } = Parts.Max(p => p.Outline.Max(v => v.X)) - Parts.Min(p => p.Outline.Min(v => v.X));
}
