namespace Serve.Eval.Metrics;

/// <summary>
/// Precision, recall and score arrays as the COCO reference makes them. Axes: T overlap thresholds, R recall thresholds, K categories,
/// A area ranges, M detection limits. -1 marks a category and range without a ground truth that counts.
/// </summary>
public sealed class PrecisionRecall
{
    /// <summary>Curves of which nothing is known yet: -1 everywhere.</summary>
    internal PrecisionRecall(MatchInput input, AreaRange[] ranges, double[] recallThresholds, int[] maxDetections, CurveRule rule)
    {
        (IouThresholds, RecallThresholds, MaxDetections, Rule) = (input.IouThresholds, recallThresholds, maxDetections, rule);
        (CategoryIds, AreaRanges) = (input.CategoryIds, ranges);
        var recalls = (long)IouThresholds.Length * CategoryIds.Length * AreaRanges.Length * maxDetections.Length;
        if (recalls * Math.Max(1, recallThresholds.Length) > Array.MaxLength)
            throw new InvalidInputException($"The curves would hold {recalls * recallThresholds.Length} values (thresholds x recall points x categories x area ranges x limits); at most {Array.MaxLength} are allowed.");
        Recall = Filled(recalls);
        Precision = Filled(recalls * recallThresholds.Length);
        Scores = Filled(recalls * recallThresholds.Length);
        Areas = rule.Area ? Filled(recalls) : [];
    }

    /// <summary>[T]</summary>
    public double[] IouThresholds { get; }

    /// <summary>[R]</summary>
    public double[] RecallThresholds { get; }

    /// <summary>Ids; -1 alone where categories are pooled. [K]</summary>
    public long[] CategoryIds { get; }

    /// <summary>[A]</summary>
    public AreaRange[] AreaRanges { get; }

    /// <summary>Ascending. [M]</summary>
    public int[] MaxDetections { get; }

    /// <summary>How the curves were made.</summary>
    public CurveRule Rule { get; }

    /// <summary>Highest precision at this recall or more; 0 for a recall that is not reached. [T, R, K, A, M], row-major.</summary>
    public double[] Precision { get; }

    /// <summary>Recall of all detections. [T, K, A, M], row-major.</summary>
    public double[] Recall { get; }

    /// <summary>Score at which the recall is reached; 0 where it is not. [T, R, K, A, M], row-major.</summary>
    public double[] Scores { get; }

    /// <summary>Area under the curve of highest precision at this recall or more, over the true recalls; empty where the rule does not ask for it. [T, K, A, M], row-major.</summary>
    public double[] Areas { get; }

    /// <summary>Index into <see cref="Precision"/> and <see cref="Scores"/>.</summary>
    public int IndexOf(int threshold, int recall, int category, int area, int limit)
        => (((((((threshold * RecallThresholds.Length) + recall) * CategoryIds.Length) + category) * AreaRanges.Length) + area) * MaxDetections.Length) + limit;

    /// <summary>Index into <see cref="Recall"/> and <see cref="Areas"/>.</summary>
    public int IndexOf(int threshold, int category, int area, int limit)
        => (((((threshold * CategoryIds.Length) + category) * AreaRanges.Length) + area) * MaxDetections.Length) + limit;

    /// <summary>Makes the curves of every category.</summary>
    /// <param name="matches">Matched detections.</param>
    /// <param name="recallThresholds">Recalls at which precision is read. [R]</param>
    /// <param name="maxDetections">Limits of detections an image and category, any order; the matcher used the largest. [M]</param>
    /// <param name="rule">How precision and recall become a curve.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between categories.</param>
    /// <exception cref="InvalidInputException">The arrays would be longer than arrays can be.</exception>
    public static PrecisionRecall Accumulate(
        MatchTable matches, IReadOnlyList<double> recallThresholds, IReadOnlyList<int> maxDetections, CurveRule rule, int threads = -1, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(matches);
        var curves = new PrecisionRecall(matches.Input, matches.Input.AreaRanges, [.. recallThresholds], [.. maxDetections.Order()], rule);
        var groups = new CategoryGroups(matches.Input);
        var largestFirst = groups.LargestFirst();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct };
        Parallel.For(
            0, largestFirst.Length, parallel, () => new CategoryCurves(matches, curves),
            (i, _, category) =>
            {
                var k = largestFirst[i];
                category.Accumulate(k, groups.Of(k).Span);
                return category;
            },
            _ => { });
        return curves;
    }

    private static double[] Filled(long length)
    {
        var values = new double[length];
        Array.Fill(values, -1);
        return values;
    }
}
