namespace Serve.Eval.Metrics;

/// <summary>
/// The detections of one category over all images by falling score, and of them the few that match something: only there do recall and the highest precision
/// change, so curves are made of these alone, with the number of the others counted ahead.
/// </summary>
/// <remarks>For one thread; buffers are used again for the next category.</remarks>
/// <param name="matches">Matched detections.</param>
/// <param name="limits">Detection limits, ascending. [M]</param>
/// <param name="rule">What the limits count, and how ties are ranked.</param>
internal sealed class RankedCategory(MatchTable matches, int[] limits, CurveRule rule)
{
    private readonly MatchInput input = matches.Input;
    private readonly ScoreOrder sorter = new();
    private readonly int[] counts = new int[matches.Input.AreaRanges.Length * limits.Length];

    private int[] places = [];
    private int[] imageRanks = [];
    private int[] matchedOf = [];
    private int matchedCapacity;
    private int[] matchedPositions = [];
    private int[] matchedLimits = [];
    private int[] unmatchedCounts = [];
    private byte[] unmatchedSelf = [];

    /// <summary>Position of the category's first detection.</summary>
    public int First { get; private set; }

    /// <summary>Position after its last.</summary>
    public int End { get; private set; }

    /// <summary>Number of detections that match something at some threshold in some area range: [U].</summary>
    public int MatchedCount { get; private set; }

    /// <summary>Position of each of those, by falling score. [U]</summary>
    public ReadOnlySpan<int> MatchedPositions => matchedPositions.AsSpan(0, MatchedCount);

    /// <summary>Index of the smallest limit under which each of those stays. [U]</summary>
    public ReadOnlySpan<int> MatchedLimits => matchedLimits.AsSpan(0, MatchedCount);

    /// <summary>Where a detection stands among those that match something.</summary>
    public int MatchedIndexOf(int position) => matchedOf[position - First];

    /// <summary>
    /// Number of detections, down to and with each of those, that would be false positives in an area range if nothing matched. [U]
    /// </summary>
    public ReadOnlySpan<int> UnmatchedCounts(int area, int limit) => unmatchedCounts.AsSpan(((area * limits.Length) + limit) * matchedCapacity, MatchedCount);

    /// <summary>1 for each of those that is among them itself, 0 for one that would be ignored in the area range. [U]</summary>
    public ReadOnlySpan<byte> UnmatchedSelf(int area) => unmatchedSelf.AsSpan(area * matchedCapacity, MatchedCount);

    /// <summary>Position of the detection with the highest score, of those within a limit; -1 for none.</summary>
    public int Best { get; private set; }

    /// <summary>Ranks a category's detections.</summary>
    /// <param name="groups">Its groups, one an image.</param>
    public void Rank(ReadOnlySpan<PairGroup> groups)
    {
        First = groups[0].DetectionStart;
        End = groups[^1].DetectionStart + groups[^1].DetectionCount;
        var count = End - First;
        Reserve(count);
        foreach (var group in groups)
        {
            for (var rank = 0; rank < group.DetectionCount; rank++)
                imageRanks[group.DetectionStart - First + rank] = rank;
        }
        MarkMatched(count);
        sorter.Sort(input.Scores.AsSpan(First, count)).CopyTo(places);
        if (rule.TiesInFileOrder)
            ScoreOrder.OrderTiesByRow(places.AsSpan(0, count), input.Scores.AsSpan(First, count), input.DetectionRows.AsSpan(First, count));
        // The detection with the highest score of all has the highest of its image, so that it is within every limit.
        Best = count == 0 ? -1 : First + places[0];
        Count(count);
    }

    private void Reserve(int count)
    {
        if (places.Length >= count)
            return;
        // The largest category comes first, so that what is enough for it is mostly enough for all.
        (places, imageRanks, matchedOf) = (new int[count], new int[count], new int[count]);
    }

    private void MarkMatched(int count)
    {
        matchedOf.AsSpan(0, count).Fill(-1);
        MatchedCount = 0;
        for (var a = 0; a < input.AreaRanges.Length; a++)
        {
            for (var t = 0; t < input.IouThresholds.Length; t++)
            {
                foreach (var pair in matches.Pairs(a, t, First, End))
                {
                    ref var mark = ref matchedOf[pair.Detection - First];
                    MatchedCount += mark < 0 ? 1 : 0;
                    mark = 0;
                }
            }
        }
        if (matchedCapacity >= MatchedCount)
            return;
        matchedCapacity = MatchedCount * 2;
        (matchedPositions, matchedLimits) = (new int[matchedCapacity], new int[matchedCapacity]);
        (unmatchedCounts, unmatchedSelf) = (new int[matchedCapacity * counts.Length], new byte[matchedCapacity * input.AreaRanges.Length]);
    }

    /// <summary>Goes down the list once, counting for each area range and limit, and notes the counts at each that matches something.</summary>
    private void Count(int count)
    {
        counts.AsSpan().Clear();
        var ranges = input.AreaRanges;
        var matched = 0;
        for (var rank = 0; rank < count; rank++)
        {
            var place = places[rank];
            var position = First + place;
            var limitedRank = rule.LimitsPerCategory ? rank : imageRanks[place];
            var limit = 0;
            while (limit < limits.Length && limitedRank >= limits[limit])
                limit++;
            if (input.IsIgnoredUnmatched is null || !input.IsIgnoredUnmatched[position])
            {
                var area = input.DetectionAreas[position];
                for (var a = 0; a < ranges.Length; a++)
                {
                    var measure = ranges[a].Measure;
                    if (!ranges[a].Contains(measure is SizeMeasure.Area ? area : input.DetectionSize(position, measure)))
                        continue;
                    for (var m = limit; m < limits.Length; m++)
                        counts[(a * limits.Length) + m]++;
                }
            }
            if (matchedOf[place] < 0)
                continue;
            matchedOf[place] = matched;
            (matchedPositions[matched], matchedLimits[matched]) = (position, limit);
            for (var i = 0; i < counts.Length; i++)
                unmatchedCounts[(i * matchedCapacity) + matched] = counts[i];
            for (var a = 0; a < ranges.Length; a++)
                unmatchedSelf[(a * matchedCapacity) + matched] = input.IgnoresUnmatched(position, ranges[a]) ? (byte)0 : (byte)1;
            matched++;
        }
    }
}
