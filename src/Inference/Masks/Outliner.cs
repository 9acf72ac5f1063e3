using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Masks;

/// <summary>Turns a mask into polygons with few corners.</summary>
internal static class Outliner
{
    // Smaller pieces keep each corner of their pixels: half a pixel would be a large part of them.
    private const int ExactArea = 100;

    // More pieces than this are better told by run lengths.
    private const int MaxPieces = 4;

    // Largest distance between an edge and its simplified line, pixels.
    private const double Tolerance = 0.75;

    /// <summary>The polygons of a mask: within a pixel of its edge, and of exactly its extent.</summary>
    /// <returns>Null when polygons cannot tell it: it has holes, or many pieces.</returns>
    public static IReadOnlyList<Vec[]>? TryOutline(BitMask mask)
    {
        var loops = Contours.Follow(mask);
        if (loops.Count > MaxPieces || loops.Any(l => Shapes.TwiceArea(l) < 0)) return null;
        return [.. loops.Select(Simplified)];
    }

    /// <summary>The outer edges of a mask, all its pieces, as <see cref="TryOutline"/> gives them; holes are left aside.</summary>
    public static IReadOnlyList<Vec[]> Outline(BitMask mask) => [.. Contours.Follow(mask).Where(l => Shapes.TwiceArea(l) > 0).Select(Simplified)];

    private static Vec[] Simplified(Vec[] loop) => Shapes.TwiceArea(loop) < 2 * ExactArea ? WithoutStraightCorners(loop) : Simplify(Middles(loop));

    private static Vec[] WithoutStraightCorners(Vec[] loop) => [.. loop.Where((_, i) =>
    {
        var (before, after) = (loop[(i + loop.Length - 1) % loop.Length], loop[(i + 1) % loop.Length]);
        return before.X != after.X && before.Y != after.Y;
    })];

    // A slanted edge is a stair of pixel corners; the middles of its steps lie on a line.
    private static Vec[] Middles(Vec[] loop) => [.. loop.Select((corner, i) => corner.Toward(loop[(i + 1) % loop.Length], 0.5))];

    // Douglas, Peucker, 1973, between the outermost points, which stay so that the extent does.
    private static Vec[] Simplify(Vec[] loop)
    {
        var kept = new SortedSet<int> { Extreme(p => p.X), Extreme(p => -p.X), Extreme(p => p.Y), Extreme(p => -p.Y) };
        var anchors = kept.ToArray();
        // Not by recursion: the edge of a large ragged mask would go deeper than the stack.
        var open = new Stack<(int From, int To)>();
        for (var i = 0; i < anchors.Length; i++)
        {
            var end = anchors[(i + 1) % anchors.Length];
            open.Push((anchors[i], end <= anchors[i] ? end + loop.Length : end));
        }

        while (open.TryPop(out var piece))
        {
            if (Farthest(piece.From, piece.To) is not (>= 0 and var farthest)) continue;
            kept.Add(farthest % loop.Length);
            open.Push((piece.From, farthest));
            open.Push((farthest, piece.To));
        }

        return [.. kept.Select(i => loop[i])];

        int Extreme(Func<Vec, double> key) => Array.IndexOf(loop, loop.MinBy(key));

        int Farthest(int from, int to)
        {
            var (a, b) = (loop[from % loop.Length], loop[to % loop.Length]);
            var (farthest, distance) = (-1, Tolerance);
            for (var i = from + 1; i < to; i++)
            {
                var d = Distance(loop[i % loop.Length], a, b);
                if (d > distance) (farthest, distance) = (i, d);
            }

            return farthest;
        }
    }

    private static double Distance(Vec point, Vec a, Vec b)
    {
        var (along, toPoint) = (b - a, point - a);
        var squared = along.X * along.X + along.Y * along.Y;
        var share = squared == 0 ? 0 : Math.Clamp((toPoint.X * along.X + toPoint.Y * along.Y) / squared, 0, 1);
        return (point - a.Toward(b, share)).Length;
    }
}
