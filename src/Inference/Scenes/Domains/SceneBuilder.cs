using Serve.Inference.Scenes.Drawing;
using Serve.Inference.Scenes.Figures;

namespace Serve.Inference.Scenes.Domains;

/// <summary>A figure that waits to be painted.</summary>
/// <param name="Figure">What it is.</param>
/// <param name="Foot">Where it stands, pixels.</param>
/// <param name="Height">Its height in pixels.</param>
/// <param name="Mirrored">Left and right exchanged, unless it bears a text.</param>
/// <param name="Crowd">The crowd that it belongs to, or 0: it is an object of its own.</param>
/// <param name="Depth">What is farther is painted first.</param>
/// <param name="Floats">It hangs in the air and throws no shadow below itself.</param>
internal sealed record Actor(Figure Figure, Vec Foot, double Height, bool Mirrored = false, int Crowd = 0, double Depth = 0, bool Floats = false)
{
    public Pose Pose => Pose.Standing(Foot, Height, Mirrored && Figure.IsMirrorable);
}

/// <summary>Paints actors in order of depth and notes what was drawn of each.</summary>
internal sealed class SceneBuilder(Canvas canvas)
{
    private readonly Cast cast = new();

    /// <summary>The canvas of the scene.</summary>
    public Canvas Canvas => canvas;

    /// <summary>Opens a crowd, whose members are given its number.</summary>
    public int OpenCrowd(SceneCategory category) => cast.Enter(category, isCrowd: true);

    /// <summary>Paints one actor.</summary>
    /// <param name="actor">Who.</param>
    /// <param name="paint">Paints it as the given object, and returns the number of pixels drawn.</param>
    public void Paint(Actor actor, Func<Actor, int, int> paint)
    {
        var number = actor.Crowd > 0 ? actor.Crowd : cast.Enter(actor.Figure.Category);
        cast.Drew(number, paint(actor, number));
    }

    /// <summary>The finished scene.</summary>
    public DrawnScene Finish() => new(canvas.ToPicture(), cast.Visible(canvas));
}
