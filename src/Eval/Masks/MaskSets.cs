namespace Serve.Eval.Masks;

/// <summary>Union, intersection and overlap of masks, run by run as the COCO API goes.</summary>
/// <remarks>
/// The walk ends where both masks have a run of no pixels at the same place, as the reference's does; masks that the reference wrote itself
/// have none. Runs that end before the last pixel (where the reference would go on forever) leave the rest outside.
/// </remarks>
internal static class MaskSets
{
    /// <summary>Joins two masks.</summary>
    /// <param name="a">One mask.</param>
    /// <param name="b">The other.</param>
    /// <param name="intersect">Pixels inside both, instead of inside any.</param>
    /// <param name="joined">Is filled with the result, none of the two; a mask without runs and of size 0 x 0 when their sizes differ.</param>
    public static void Join(RunLengths a, RunLengths b, bool intersect, RunLengths joined)
    {
        if (a.Height != b.Height || a.Width != b.Width)
        {
            joined.Clear(0, 0);
            return;
        }
        joined.Clear(a.Height, a.Width);
        var walk = new Walk(a, b);
        var inside = false;
        while (walk.Next())
        {
            var now = intersect ? walk.InFirst && walk.InSecond : walk.InFirst || walk.InSecond;
            if (now == inside && !walk.IsLast)
                continue;
            inside = now;
            joined.Add(walk.At);
        }
    }

    /// <summary>
    /// Intersection over union, or over the detection's area for a crowd: 0 where the masks' boxes do not overlap, else -1 for masks of
    /// different sizes.
    /// </summary>
    public static double Iou(RunLengths detection, RunLengths groundTruth, bool isCrowd)
    {
        if (!BoxesOverlap(detection, groundTruth))
            return 0;
        if (detection.Height != groundTruth.Height || detection.Width != groundTruth.Width)
            return -1;
        var walk = new Walk(detection, groundTruth);
        var (intersection, union, from) = (0L, 0L, 0u);
        var (inFirst, inSecond) = (false, false);
        while (walk.Next())
        {
            var length = walk.At - from;
            if (inFirst || inSecond)
                union += length;
            if (inFirst && inSecond)
                intersection += length;
            (from, inFirst, inSecond) = (walk.At, walk.InFirst, walk.InSecond);
        }
        return intersection == 0 ? 0 : (double)intersection / (isCrowd ? detection.Area : union);
    }

    /// <summary>Whether the boxes around two masks have pixels in common.</summary>
    public static bool BoxesOverlap(RunLengths a, RunLengths b)
    {
        var (p, q) = (a.EnclosingBox(), b.EnclosingBox());
        return Math.Min(p.X + p.Width, q.X + q.Width) > Math.Max(p.X, q.X) && Math.Min(p.Y + p.Height, q.Y + q.Height) > Math.Max(p.Y, q.Y);
    }

    /// <summary>Goes from one end of a run, of any of two masks, to the next.</summary>
    private ref struct Walk
    {
        private readonly ReadOnlySpan<uint> first;
        private readonly ReadOnlySpan<uint> second;
        private readonly uint pixels;
        private uint firstEnd;
        private uint secondEnd;
        private int firstNext;
        private int secondNext;

        public Walk(RunLengths first, RunLengths second)
        {
            this.first = first.Ends;
            this.second = second.Ends;
            pixels = (uint)first.Height * (uint)first.Width;
            (firstNext, secondNext) = (1, 1);
            // A mask without runs has one of no pixels here.
            firstEnd = this.first.IsEmpty ? 0 : this.first[0];
            secondEnd = this.second.IsEmpty ? 0 : this.second[0];
        }

        /// <summary>The end that was reached.</summary>
        public uint At { get; private set; }

        /// <summary>Whether the pixel at the end is inside the first mask.</summary>
        public bool InFirst { get; private set; }

        /// <summary>Whether the pixel at the end is inside the second mask.</summary>
        public bool InSecond { get; private set; }

        /// <summary>Whether no end follows.</summary>
        public bool IsLast { get; private set; }

        public bool Next()
        {
            if (IsLast)
                return false;
            At = Math.Min(firstEnd, secondEnd);
            (firstEnd, InFirst) = After(first, firstEnd, ref firstNext, InFirst);
            (secondEnd, InSecond) = After(second, secondEnd, ref secondNext, InSecond);
            IsLast = firstEnd == At && secondEnd == At;
            return true;
        }

        private readonly (uint End, bool Inside) After(ReadOnlySpan<uint> ends, uint end, ref int next, bool inside)
        {
            if (end != At)
                return (end, inside);
            if (next < ends.Length)
                return (ends[next++], !inside);
            return end < pixels ? (pixels, false) : (end, inside);
        }
    }
}
