using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Masks;

/// <summary>Follows the edges between the pixels of a mask and the others.</summary>
internal static class Contours
{
    private static readonly (int X, int Y)[] Steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>
    /// The closed edges of a mask as unit steps between pixel corners, in pixels of the image. Each has the mask on its right:
    /// outer edges are clockwise, edges of holes counter-clockwise. Pixels that touch only at a corner belong to different outer edges.
    /// </summary>
    public static IReadOnlyList<Vec[]> Follow(BitMask mask)
    {
        var stride = mask.Width + 1;
        var edges = Edges(mask, stride);
        var followed = new byte[edges.Length];
        var loops = new List<Vec[]>();
        for (var corner = 0; corner < edges.Length; corner++)
        {
            for (var direction = 0; direction < 4; direction++)
            {
                if (Has(edges[corner], direction) && !Has(followed[corner], direction))
                    loops.Add(FollowOne(edges, followed, stride, corner, direction, mask));
            }
        }

        return loops;
    }

    // For each corner the directions (bits: right, down, left, up) of the edges that start there.
    private static byte[] Edges(BitMask mask, int stride)
    {
        var edges = new byte[stride * (mask.Height + 1)];
        for (var y = 0; y < mask.Height; y++)
        {
            for (var x = 0; x < mask.Width; x++)
            {
                if (!mask.At(x, y)) continue;
                if (!mask.At(x, y - 1)) edges[y * stride + x] |= 1;
                if (!mask.At(x + 1, y)) edges[y * stride + x + 1] |= 2;
                if (!mask.At(x, y + 1)) edges[(y + 1) * stride + x + 1] |= 4;
                if (!mask.At(x - 1, y)) edges[(y + 1) * stride + x] |= 8;
            }
        }

        return edges;
    }

    private static Vec[] FollowOne(byte[] edges, byte[] followed, int stride, int start, int startDirection, BitMask mask)
    {
        var loop = new List<Vec>();
        var (corner, direction) = (start, startDirection);
        do
        {
            loop.Add(new(mask.X + corner % stride, mask.Y + corner / stride));
            followed[corner] |= (byte)(1 << direction);
            corner += Steps[direction].X + Steps[direction].Y * stride;
            direction = NextDirection(edges[corner], direction);
        }
        while ((corner, direction) != (start, startDirection));

        return [.. loop];
    }

    // Where two pixels touch at a corner, two edges start; turning right stays with the same pixel.
    private static int NextDirection(byte edges, int direction)
    {
        var right = (direction + 1) % 4;
        if (Has(edges, right)) return right;
        return Has(edges, direction) ? direction : (direction + 3) % 4;
    }

    private static bool Has(byte edges, int direction) => (edges & 1 << direction) != 0;
}
