namespace Serve.Eval.Metrics;

/// <summary>Puts together what was matched in parts, so that it is what matching all at once would have given.</summary>
internal static class MatchMerging
{
    /// <summary>A group of one of the parts.</summary>
    private readonly record struct Source(int Part, PairGroup Group, long Image);

    /// <summary>Merges parts of disjoint images.</summary>
    public static MatchTable Merge(IReadOnlyList<MatchTable> parts)
    {
        var first = parts[0].Input;
        MatchAgreement.RequireSame(parts);
        long[] imageIds = [.. parts.SelectMany(part => part.Input.ImageIds).Order()];
        for (var i = 1; i < imageIds.Length; i++)
        {
            if (imageIds[i] == imageIds[i - 1])
                throw new InvalidInputException($"Image {imageIds[i]} is in two parts of an evaluation; each image must be in one.");
        }
        var sources = Sources(parts);
        var columns = new Columns(parts, sources, new(imageIds));
        return new(columns.Input(first, imageIds), columns.Pairs(first.AreaRanges.Length, first.IouThresholds.Length));
    }

    /// <summary>Groups of all parts by rising category, then image.</summary>
    private static Source[] Sources(IReadOnlyList<MatchTable> parts)
    {
        Source[] sources = [.. parts.SelectMany((part, p) => part.Input.Groups.Select(group => new Source(p, group, part.Input.ImageIds[group.Image])))];
        Array.Sort(sources, (a, b) => (a.Group.Category, a.Image).CompareTo((b.Group.Category, b.Image)));
        return sources;
    }

    /// <summary>The columns of all parts in the order of the merged groups.</summary>
    private sealed class Columns
    {
        private readonly IReadOnlyList<MatchTable> parts;
        private readonly Source[] sources;
        private readonly PairGroup[] groups;
        private readonly int detections;
        private readonly int groundTruths;

        public Columns(IReadOnlyList<MatchTable> parts, Source[] sources, IdIndex images)
        {
            (this.parts, this.sources, groups) = (parts, sources, new PairGroup[sources.Length]);
            for (var i = 0; i < sources.Length; i++)
            {
                var group = sources[i].Group;
                groups[i] = group with { Image = images.Find(sources[i].Image), DetectionStart = detections, GroundTruthStart = groundTruths };
                detections += group.DetectionCount;
                groundTruths += group.GroundTruthCount;
            }
        }

        public MatchInput Input(MatchInput first, long[] imageIds) => new()
        {
            ImageIds = imageIds,
            CategoryIds = first.CategoryIds,
            Groups = groups,
            DetectionRows = OfDetections(input => input.DetectionRows)!,
            Scores = OfDetections(input => input.Scores)!,
            DetectionAreas = OfDetections(input => input.DetectionAreas)!,
            IsIgnoredUnmatched = OfDetections(input => input.IsIgnoredUnmatched),
            GroundTruthRows = OfGroundTruths(input => input.GroundTruthRows)!,
            GroundTruthAreas = OfGroundTruths(input => input.GroundTruthAreas)!,
            DetectionRelativeScales = OfDetections(input => input.DetectionRelativeScales),
            GroundTruthRelativeScales = OfGroundTruths(input => input.GroundTruthRelativeScales),
            IsCrowd = OfGroundTruths(input => input.IsCrowd)!,
            IsIgnored = OfGroundTruths(input => input.IsIgnored)!,
            HasZeroId = OfGroundTruths(input => input.HasZeroId),
            Overlap = new MergedOverlap(parts, sources, groups),
            Assignment = first.Assignment,
            IouThresholds = first.IouThresholds,
            AreaRanges = first.AreaRanges,
        };

        /// <summary>The pairs of all parts: the groups of a part come in the part's own order, so each part's pairs are gone through once.</summary>
        public MatchedPair[][] Pairs(int areas, int thresholds)
        {
            var pairs = new MatchedPair[areas * thresholds][];
            for (var table = 0; table < pairs.Length; table++)
            {
                var (area, threshold) = (table / thresholds, table % thresholds);
                var merged = new List<MatchedPair>(parts.Sum(part => part.Pairs(area, threshold).Length));
                var next = new int[parts.Count];
                for (var i = 0; i < sources.Length; i++)
                    next[sources[i].Part] = Take(parts[sources[i].Part].Pairs(area, threshold), next[sources[i].Part], sources[i].Group, groups[i], merged);
                pairs[table] = [.. merged];
            }
            return pairs;
        }

        private static int Take(ReadOnlySpan<MatchedPair> pairs, int next, PairGroup from, PairGroup to, List<MatchedPair> merged)
        {
            var (d, g) = (to.DetectionStart - from.DetectionStart, to.GroundTruthStart - from.GroundTruthStart);
            for (; next < pairs.Length && pairs[next].Detection < from.DetectionStart + from.DetectionCount; next++)
                merged.Add(new(pairs[next].Detection + d, pairs[next].GroundTruth + g));
            return next;
        }

        private T[]? OfDetections<T>(Func<MatchInput, T[]?> column) => Gather(column, detections, group => (group.DetectionStart, group.DetectionCount));

        private T[]? OfGroundTruths<T>(Func<MatchInput, T[]?> column) => Gather(column, groundTruths, group => (group.GroundTruthStart, group.GroundTruthCount));

        // A part may lack a column that says nothing of it; where all do, so does the whole.
        private T[]? Gather<T>(Func<MatchInput, T[]?> column, int length, Func<PairGroup, (int Start, int Count)> span)
        {
            var columns = parts.Select(part => column(part.Input)).ToArray();
            if (columns.All(values => values is null))
                return null;
            var merged = new T[length];
            for (var i = 0; i < sources.Length; i++)
            {
                var (start, count) = span(sources[i].Group);
                if (columns[sources[i].Part] is { } values)
                    Array.Copy(values, start, merged, span(groups[i]).Start, count);
            }
            return merged;
        }
    }

    /// <summary>Overlaps as the parts compute them.</summary>
    private sealed class MergedOverlap(IReadOnlyList<MatchTable> parts, Source[] sources, PairGroup[] groups) : IOverlap
    {
        private static readonly Comparer<PairGroup> ByCategoryAndImage = Comparer<PairGroup>.Create((a, b) => (a.Category, a.Image).CompareTo((b.Category, b.Image)));

        public void Compute(PairGroup group, Span<double> overlaps)
        {
            var at = Array.BinarySearch(groups, group, ByCategoryAndImage);
            parts[sources[at].Part].Input.Overlap.Compute(sources[at].Group, overlaps);
        }
    }
}
