using Serve.Inference.Masks;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Scenes;

/// <summary>The objects that enter a scene, and what is seen of them when it is finished.</summary>
internal sealed class Cast
{
    // Objects of which more than three quarters are hidden are not annotated, nor are those of which a few pixels are seen.
    private const double MinVisible = 0.25;
    private const int MinPixels = 12;

    // Every so many objects have run lengths instead of polygons, so that readers meet both.
    private const int RunLengthsEvery = 8;

    private readonly List<(SceneCategory Category, bool IsCrowd)> members = [];
    private readonly Dictionary<int, int> drawn = [];

    /// <summary>Lets an object enter.</summary>
    /// <returns>Its number, from 1.</returns>
    public int Enter(SceneCategory category, bool isCrowd = false)
    {
        members.Add((category, isCrowd));
        return members.Count;
    }

    /// <summary>Notes how many pixels of it were drawn; called for each figure of a crowd.</summary>
    public void Drew(int number, int pixels) => drawn[number] = drawn.GetValueOrDefault(number) + pixels;

    /// <summary>What is seen of each object now, in the order in which they entered.</summary>
    public List<SceneObject> Visible(Canvas canvas)
    {
        var masks = BitMask.Find(canvas.Owners, canvas.Area.Width);
        var objects = new List<SceneObject>();
        foreach (var (number, mask) in masks.OrderBy(m => m.Key))
        {
            if (mask.Area < MinPixels || mask.Area < MinVisible * drawn[number]) continue;
            var (category, isCrowd) = members[number - 1];
            var polygons = isCrowd || number % RunLengthsEvery == 0 ? null : Outliner.TryOutline(mask);
            objects.Add(new(category, isCrowd, mask, polygons));
        }

        return objects;
    }
}
