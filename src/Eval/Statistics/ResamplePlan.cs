using Serve.Eval.Metrics;

namespace Serve.Eval.Statistics;

/// <summary>What a detection that matches something does to a curve.</summary>
internal enum CurveStepKind
{
    /// <summary>A true positive that was counted ahead as if nothing matched.</summary>
    Found,

    /// <summary>A true positive that was not counted ahead: it lies outside the area range, its ground truth inside.</summary>
    FoundOutside,

    /// <summary>It matches an ignored ground truth, and was counted ahead though it counts neither way.</summary>
    Ignored,
}

/// <summary>A step of a curve.</summary>
/// <param name="Place">Its place among those of the curve that match something at some threshold.</param>
/// <param name="Row">The row of weights that says how often it occurs.</param>
/// <param name="Kind">What it does.</param>
internal readonly record struct CurveStep(int Place, int Row, CurveStepKind Kind);

/// <summary>Precision at one limit and one threshold.</summary>
/// <param name="Steps">By falling score.</param>
/// <param name="Leaves">Where the average precision goes.</param>
internal sealed record ThresholdPlan(CurveStep[] Steps, int[] Leaves);

/// <summary>Precision at one limit.</summary>
/// <param name="Counted">Row of each detection that would be a false positive if nothing matched, by falling score.</param>
/// <param name="Ends">For each place: how many of those stand there or before. [U]</param>
/// <param name="Thresholds">Of those that are needed.</param>
internal sealed record CurvePlan(int[] Counted, int[] Ends, ThresholdPlan[] Thresholds);

/// <summary>Recall at one threshold.</summary>
/// <param name="Found">Row of each true positive, a list for each limit: those that stay under it and not under the one before. [M]</param>
/// <param name="Leaves">Where the recall at each limit goes. [M]</param>
internal sealed record RecallPlan(int[][] Found, int[][] Leaves);

/// <summary>One category and area range.</summary>
/// <param name="GroundTruths">Row of each ground truth that counts.</param>
/// <param name="Recalls">Of the thresholds that are needed.</param>
/// <param name="Curves">Of the limits that are needed.</param>
internal sealed record AreaPlan(int[] GroundTruths, RecallPlan[] Recalls, CurvePlan[] Curves);

/// <summary>
/// Matched detections in the form in which they can be accumulated again and again with other weights of the images: sorted, and of what matches only what
/// the wanted numbers need.
/// </summary>
internal sealed class ResamplePlan
{
    private ResamplePlan(PrecisionRecall curves, MetricCells cells, AreaPlan[] areas, int copies)
        => (RecallPoints, Rule, Cells, Areas, Copies) = (new(curves.RecallThresholds), curves.Rule, cells, areas, copies);

    /// <summary>Where precision is read.</summary>
    public RecallPoints RecallPoints { get; }

    /// <summary>How curves are made.</summary>
    public CurveRule Rule { get; }

    /// <summary>Where numbers come from.</summary>
    public MetricCells Cells { get; }

    /// <summary>Those with a ground truth that counts, by category, then area range.</summary>
    public IReadOnlyList<AreaPlan> Areas { get; }

    /// <summary>
    /// 1, or where detections of one image tie: rows after those of the weights are numbered image * copies + c, and say whether the image occurs more than c times.
    /// </summary>
    public int Copies { get; }

    /// <summary>Makes the plan.</summary>
    /// <param name="results">One result; or two of the same images and ground truth, whose rows follow one another and then that of the ground truth.</param>
    /// <param name="curves">Curves of one of them: thresholds, limits, rule.</param>
    /// <param name="metrics">The numbers that are wanted.</param>
    /// <param name="highestWeight">Highest weight that will be given to an image.</param>
    /// <param name="threads">Most threads; -1 for one a core. The plan does not depend on it.</param>
    /// <param name="ct">Cancels between categories.</param>
    public static ResamplePlan Of(
        IReadOnlyList<MatchTable> results, PrecisionRecall curves, IReadOnlyList<Metric> metrics, int highestWeight, int threads, CancellationToken ct)
    {
        var cells = new MetricCells(curves, metrics);
        var groups = results.Select(result => new CategoryGroups(result.Input)).ToArray();
        var copies = highestWeight > 1 && groups.Any(group => group.HasTies) ? highestWeight : 1;
        var areas = new List<AreaPlan>[curves.CategoryIds.Length];
        Parallel.For(
            0, areas.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct },
            () => new CategoryPlanner(results, curves, cells, copies),
            (category, _, planner) =>
            {
                areas[category] = planner.Plan(category, [.. groups.Select(group => group.Of(category))]);
                return planner;
            },
            _ => { });
        return new(curves, cells, [.. areas.SelectMany(plans => plans)], copies);
    }
}
