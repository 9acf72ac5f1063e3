using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>Says of each detection whether it is right and, where it is not, what is wrong with it.</summary>
/// <remarks>
/// Bolya et al., ECCV 2020, section 2.2, with the habits of the published toolbox: among equal overlaps the earlier object wins; what nobody has to find takes
/// only detections that found nothing, and only above the threshold; such a detection still has a kind of error, and may still be the one whose repair finds an
/// object; overlap of exactly the threshold with an object that is taken is a fault of place.
/// </remarks>
/// <param name="pool">What takes part.</param>
/// <param name="overlaps">Overlaps down to the lower of the two thresholds.</param>
/// <param name="foreground">Overlap from which an object is found.</param>
/// <param name="background">Overlap up to which there is nothing.</param>
internal sealed class TideJudge(ImagePool pool, PooledOverlaps overlaps, double foreground, double background)
{
    private readonly MatchInput input = pool.Input;

    /// <summary>Judges all images.</summary>
    public TideVerdicts Judge(int threads, CancellationToken ct)
    {
        var verdicts = new TideVerdicts(input.DetectionRows.Length, input.GroundTruthRows.Length);
        Chunks.For(input.Groups.Length, threads, (from, to) =>
        {
            foreach (var image in input.Groups.AsSpan(from, to - from))
            {
                Match(image, verdicts);
                FindErrors(image, verdicts);
            }
        }, ct);
        return verdicts;
    }

    /// <summary>Each detection, best score first, takes the free object of its category that it overlaps most.</summary>
    private void Match(PairGroup image, TideVerdicts verdicts)
    {
        foreach (var d in pool.RankedOf(image))
        {
            var (best, highest, ignored) = (-1, 0.0, input.IsIgnoredUnmatched is not null && input.IsIgnoredUnmatched[d]);
            foreach (var (g, overlap) in overlaps.Of(d))
            {
                if (pool.GroundTruthCategories[g] != pool.DetectionCategories[d])
                    continue;
                if (!pool.Counts(g))
                    ignored |= overlap > foreground;
                else if (overlap >= foreground && !verdicts.IsFound[g] && IsBetter(g, overlap, best, highest))
                    (best, highest) = (g, overlap);
            }
            if (best >= 0)
                verdicts.IsFound[best] = true;
            verdicts.Detections[d] = new(best >= 0 ? TideOutcome.True : ignored ? TideOutcome.Ignored : TideOutcome.False, null, -1);
        }
    }

    private void FindErrors(PairGroup image, TideVerdicts verdicts)
    {
        foreach (var d in pool.RankedOf(image))
        {
            var outcome = verdicts.Detections[d].Outcome;
            if (outcome is TideOutcome.True)
                continue;
            var (error, target) = ErrorOf(d, verdicts);
            var repairs = target >= 0 && !verdicts.IsFound[target] && !verdicts.IsRepairable[target];
            if (repairs)
                verdicts.IsRepairable[target] = true;
            verdicts.Detections[d] = new(outcome, error, repairs ? target : -1);
        }
    }

    /// <summary>What is wrong with a detection that found nothing, and the object that it should have found.</summary>
    private (TideError Error, int Target) ErrorOf(int detection, TideVerdicts verdicts)
    {
        int same = -1, other = -1;
        double highestSame = 0, highestOther = 0, highestFound = 0;
        foreach (var (g, overlap) in overlaps.Of(detection))
        {
            if (!pool.Counts(g))
                continue;
            if (pool.GroundTruthCategories[g] != pool.DetectionCategories[detection])
            {
                if (IsBetter(g, overlap, other, highestOther))
                    (other, highestOther) = (g, overlap);
                continue;
            }
            if (IsBetter(g, overlap, same, highestSame))
                (same, highestSame) = (g, overlap);
            if (verdicts.IsFound[g])
                highestFound = Math.Max(highestFound, overlap);
        }
        if (highestSame >= background && highestSame <= foreground)
            return (TideError.Loc, same);
        if (highestOther >= foreground)
            return (TideError.Cls, other);
        if (highestFound >= foreground)
            return (TideError.Dupe, -1);
        return (Math.Max(highestSame, highestOther) <= background ? TideError.Bkg : TideError.Both, -1);
    }

    private bool IsBetter(int g, double overlap, int best, double highest)
        => overlap > highest || (overlap == highest && input.GroundTruthRows[g] < input.GroundTruthRows[best]);
}
