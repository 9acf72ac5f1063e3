using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>Average precision of each category as it is, and as it would be without some of the errors.</summary>
/// <remarks>
/// The published toolbox's average precision: recall is sampled at i / 100, precision is true / (true + false); a category with detections and no object has 0;
/// one with neither has none. Equal scores stand by image, then by rank; for a repair the toolbox makes its lists again, and has those that were right last
/// among equal scores.
/// </remarks>
internal sealed class TidePrecision
{
    private const int RecallSteps = 100;
    private const double Percent = 100;

    /// <summary>A detection that counts, or would after a repair.</summary>
    private readonly record struct Point(TideVerdict Verdict, int Category, int RepairedCategory);

    // By falling score.
    private readonly Point[] asFound;
    private readonly Point[] remade;
    private readonly int[] objects;
    private readonly int[] found;
    private readonly int[] missed;
    private readonly int[] starts;

    /// <summary>Sorts what was judged.</summary>
    public TidePrecision(ImagePool pool, TideVerdicts verdicts)
    {
        asFound = ByScore(pool, verdicts.Detections, pool.Ranked);
        remade = ByScore(pool, verdicts.Detections,
        [
            .. pool.Ranked.Where(d => verdicts.Detections[d].Outcome is not TideOutcome.True),
            .. pool.Ranked.Where(d => verdicts.Detections[d].Outcome is TideOutcome.True),
        ]);
        var categories = pool.CategoryIds.Length;
        (objects, found, missed, starts) = (new int[categories], new int[categories], new int[categories], new int[categories + 1]);
        for (var g = 0; g < pool.GroundTruthCategories.Length; g++)
        {
            if (!pool.Counts(g))
                continue;
            var k = pool.GroundTruthCategories[g];
            objects[k]++;
            found[k] += verdicts.IsFound[g] ? 1 : 0;
            missed[k] += verdicts.IsFound[g] || verdicts.IsRepairable[g] ? 0 : 1;
        }
        for (var k = 0; k < categories; k++)
            starts[k + 1] = starts[k] + objects[k];
    }

    /// <summary>Objects of each category that somebody has to find. [K]</summary>
    public IReadOnlyList<int> Objects => objects;

    /// <summary>Objects of each category that are missed. [K]</summary>
    public IReadOnlyList<int> Missed => missed;

    /// <summary>Average precision as it is, 0 to 100; null for a category with neither objects nor detections. [K]</summary>
    public double?[] AsFound() => Average(asFound, objects, kinds: 0, falseLast: false);

    /// <summary>The same without errors of some kinds. [K]</summary>
    /// <param name="repaired">Kinds of errors that are repaired.</param>
    public double?[] Without(params ReadOnlySpan<TideError> repaired)
    {
        var kinds = 0;
        foreach (var error in repaired)
            kinds |= 1 << (int)error;
        var misses = (kinds >> (int)TideError.Miss & 1) != 0;
        return Average(remade, misses ? [.. objects.Zip(missed, (all, gone) => all - gone)] : objects, kinds, falseLast: false);
    }

    /// <summary>The same if every false positive had a score below every true one. [K]</summary>
    public double?[] WithoutFalsePositives() => Average(remade, objects, kinds: 0, falseLast: true);

    /// <summary>The same if objects that were not found were none. [K]</summary>
    public double?[] WithoutFalseNegatives() => Average(remade, found, kinds: 0, falseLast: false);

    /// <summary>Points of what counts or would, sorted; equal scores keep their order.</summary>
    private static Point[] ByScore(ImagePool pool, TideVerdict[] verdicts, int[] positions)
    {
        var points = new List<Point>(positions.Length);
        foreach (var place in new ScoreOrder().Sort(InputBuilder.Gather(pool.Input.Scores, positions)))
        {
            var d = positions[place];
            var verdict = verdicts[d];
            if (verdict.Outcome is not TideOutcome.Ignored || verdict.Repair >= 0)
                points.Add(new(verdict, pool.DetectionCategories[d], verdict.Repair < 0 ? -1 : pool.GroundTruthCategories[verdict.Repair]));
        }
        return [.. points];
    }

    private double?[] Average(Point[] points, int[] wanted, int kinds, bool falseLast)
    {
        var (right, wrong, present) = (new int[wanted.Length], new int[wanted.Length], new bool[wanted.Length]);
        // At each true positive of each category: no more of them than objects, as each finds one of its own.
        var precision = new double[starts[^1]];
        foreach (var point in points)
        {
            var (k, isRight) = (point.Category, point.Verdict.Outcome is TideOutcome.True);
            if (point.Verdict.Error is { } error && (kinds >> (int)error & 1) != 0)
            {
                if (point.RepairedCategory < 0)
                    continue;
                (k, isRight) = (point.RepairedCategory, true);
            }
            else if (point.Verdict.Outcome is TideOutcome.Ignored)
            {
                continue;
            }
            present[k] = true;
            if (isRight)
                precision[starts[k] + right[k]] = (double)++right[k] / (right[k] + wrong[k]);
            else if (!falseLast)
                wrong[k]++;
        }
        var average = new double?[wanted.Length];
        for (var k = 0; k < wanted.Length; k++)
        {
            if (wanted[k] > 0 || present[k])
                average[k] = wanted[k] == 0 ? 0 : Sample(precision.AsSpan(starts[k], right[k]), wanted[k]);
        }
        return average;
    }

    private static double Sample(Span<double> precision, int wanted)
    {
        for (var i = precision.Length - 1; i > 0; i--)
            precision[i - 1] = Math.Max(precision[i - 1], precision[i]);
        var (sum, at) = (0.0, 0);
        for (var step = 0; step <= RecallSteps; step++)
        {
            while (at < precision.Length && (double)(at + 1) / wanted < (double)step / RecallSteps)
                at++;
            if (at == precision.Length)
                break;
            sum += precision[at];
        }
        return sum / (RecallSteps + 1) * Percent;
    }
}
