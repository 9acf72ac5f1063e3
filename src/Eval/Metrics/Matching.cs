using System.Buffers;

namespace Serve.Eval.Metrics;

/// <summary>Assigns detections to ground truths, image by image and category by category.</summary>
public static class Matching
{
    // The reference caps the threshold, so that rounding cannot keep an equal box from matching at threshold 1.
    private const double HighestThreshold = 1 - 1e-10;

    /// <summary>Matches greedily: each detection, best score first, takes the free ground truth that it overlaps most.</summary>
    /// <remarks>
    /// Ground truths that count come before ignored ones, and a match with one that counts is not given up for an ignored one. Among
    /// equal overlaps the later ground truth wins. A crowd is never used up. (COCO API, <c>evaluateImg</c>.)
    /// </remarks>
    /// <param name="input">What to match.</param>
    /// <param name="keepPairs">Keep who matches whom, and not only whether: four bytes for each detection and ground truth, threshold and area range.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images.</param>
    public static MatchTable Match(MatchInput input, bool keepPairs = false, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        var table = new MatchTable(input, keepPairs);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        Chunks.For(input.Groups.Length, parallel, (from, to) =>
        {
            for (var i = from; i < to; i++)
                MatchGroup(table, input.Groups[i]);
        });
        return table;
    }

    private static void MatchGroup(MatchTable table, PairGroup group)
    {
        var input = table.Input;
        var (detections, groundTruths) = (group.DetectionCount, group.GroundTruthCount);
        var overlaps = ArrayPool<double>.Shared.Rent(detections * groundTruths);
        var best = ArrayPool<double>.Shared.Rent(detections);
        var order = ArrayPool<int>.Shared.Rent(groundTruths);
        var taken = ArrayPool<bool>.Shared.Rent(groundTruths);
        try
        {
            if (detections > 0 && groundTruths > 0)
                input.Overlap.Compute(group, overlaps.AsSpan(0, detections * groundTruths));
            HighestOverlaps(overlaps, best.AsSpan(0, detections), groundTruths);
            for (var a = 0; a < input.AreaRanges.Length; a++)
            {
                var counted = ValidFirst(input, group, input.AreaRanges[a], order);
                for (var t = 0; t < input.IouThresholds.Length; t++)
                {
                    taken.AsSpan(0, groundTruths).Clear();
                    var scene = new Scene(table, group, a, t) { Overlaps = overlaps, Best = best, Order = order.AsSpan(0, groundTruths), Counted = counted, Taken = taken };
                    scene.Match();
                }
            }
        }
        finally
        {
            ArrayPool<double>.Shared.Return(overlaps);
            ArrayPool<double>.Shared.Return(best);
            ArrayPool<int>.Shared.Return(order);
            ArrayPool<bool>.Shared.Return(taken);
        }
    }

    private static void HighestOverlaps(ReadOnlySpan<double> overlaps, Span<double> best, int columns)
    {
        for (var d = 0; d < best.Length; d++)
        {
            best[d] = double.NegativeInfinity;
            foreach (var overlap in overlaps.Slice(d * columns, columns))
                best[d] = Math.Max(best[d], overlap);
        }
    }

    /// <summary>Ground truths that count, then ignored ones, each in file order; answers how many count.</summary>
    private static int ValidFirst(MatchInput input, PairGroup group, AreaRange range, Span<int> order)
    {
        var counted = 0;
        for (var g = 0; g < group.GroundTruthCount; g++)
        {
            if (!input.Ignores(group.GroundTruthStart + g, range))
                order[counted++] = g;
        }
        var at = counted;
        for (var g = 0; g < group.GroundTruthCount; g++)
        {
            if (input.Ignores(group.GroundTruthStart + g, range))
                order[at++] = g;
        }
        return counted;
    }

    /// <summary>One group at one threshold and in one area range.</summary>
    private readonly ref struct Scene(MatchTable table, PairGroup group, int area, int threshold)
    {
        /// <summary>[D, G]</summary>
        public ReadOnlySpan<double> Overlaps { get; init; }

        /// <summary>Highest overlap of each detection. [D]</summary>
        public ReadOnlySpan<double> Best { get; init; }

        /// <summary>Ground truths in the order in which they are tried. [G]</summary>
        public ReadOnlySpan<int> Order { get; init; }

        /// <summary>How many of <see cref="Order"/> count; the rest is ignored.</summary>
        public int Counted { get; init; }

        /// <summary>Ground truths that are used up. [G]</summary>
        public Span<bool> Taken { get; init; }

        public void Match()
        {
            var input = table.Input;
            var range = input.AreaRanges[area];
            var outcomes = table.OutcomesOf(group, area, threshold);
            var detectionMatches = table.DetectionMatchesOf(group, area, threshold);
            var groundTruthMatches = table.GroundTruthMatchesOf(group, area, threshold);
            detectionMatches.Fill(-1);
            groundTruthMatches.Fill(-1);
            var lowest = Math.Min(input.IouThresholds[threshold], HighestThreshold);
            for (var d = 0; d < outcomes.Length; d++)
            {
                var place = Best[d] < lowest ? -1 : Find(d, lowest);
                var outcome = Outcome.None;
                if (place >= 0)
                {
                    var match = Order[place];
                    Taken[match] = true;
                    if (!input.HasZeroId[group.GroundTruthStart + match])
                        outcome |= Outcome.Matched;
                    if (place >= Counted)
                        outcome |= Outcome.Ignored;
                    if (!detectionMatches.IsEmpty)
                    {
                        detectionMatches[d] = group.GroundTruthStart + match;
                        groundTruthMatches[match] = group.DetectionStart + d;
                    }
                }
                if ((outcome & Outcome.Matched) == 0 && !range.Contains(input.DetectionAreas[group.DetectionStart + d]))
                    outcome |= Outcome.Ignored;
                outcomes[d] = outcome;
            }
        }

        /// <summary>Place in <see cref="Order"/> of the ground truth that a detection matches, or -1.</summary>
        private int Find(int detection, double lowest)
        {
            var overlaps = Overlaps.Slice(detection * Order.Length, Order.Length);
            var found = -1;
            for (var place = 0; place < Order.Length; place++)
            {
                // What follows is ignored; one that counts is not given up for it.
                if (place == Counted && found >= 0)
                    break;
                var candidate = Order[place];
                if (overlaps[candidate] < lowest || (Taken[candidate] && !table.Input.IsCrowd[group.GroundTruthStart + candidate]))
                    continue;
                lowest = overlaps[candidate];
                found = place;
            }
            return found;
        }
    }
}
