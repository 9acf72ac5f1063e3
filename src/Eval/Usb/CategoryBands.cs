using Serve.Eval.Metrics;

namespace Serve.Eval.Usb;

/// <summary>Makes the curves of one category after another in every band, on one thread.</summary>
internal sealed class CategoryBands(MatchInput input, IReadOnlyList<ScaleBand> bands, PrecisionRecall curves)
{
    private readonly BandMatcher matcher = new(input);
    private readonly ScoreOrder sorter = new();

    // Of each detection of the category, by position: rank in its image [D], what it adds to true (above 0) or false positives [T, D].
    private int[] ranks = [];
    private double[] masses = [];

    // Of each detection of a curve, by falling score: recall, precision (then the highest from here on) and position. [P]
    private double[] recall = [];
    private double[] precision = [];
    private int[] positions = [];

    /// <summary>Writes the category's part of the arrays.</summary>
    /// <param name="groups">Its groups, one an image.</param>
    public void Accumulate(ReadOnlySpan<PairGroup> groups)
    {
        var first = groups[0].DetectionStart;
        var count = groups[^1].DetectionStart + groups[^1].DetectionCount - first;
        Reserve(count);
        foreach (var group in groups)
        {
            for (var rank = 0; rank < group.DetectionCount; rank++)
                ranks[group.DetectionStart - first + rank] = rank;
        }
        var order = sorter.Sort(input.Scores.AsSpan(first, count));
        for (var b = 0; b < bands.Count; b++)
        {
            var toFind = Weigh(groups, bands[b]);
            // Without anything to find there is nothing to say: the arrays keep -1.
            if (toFind == 0)
                continue;
            foreach (var group in groups)
                matcher.Match(group, bands[b], masses, first, count);
            for (var t = 0; t < curves.IouThresholds.Length; t++)
            {
                for (var m = 0; m < curves.MaxDetections.Length; m++)
                {
                    var length = Fill(order, masses.AsSpan(t * count, count), curves.MaxDetections[m], toFind);
                    curves.Recall[curves.IndexOf(t, groups[0].Category, b, m)] = length == 0 ? 0 : recall[length - 1];
                    Sample(length, first, t, groups[0].Category, b, m);
                }
            }
        }
    }

    private void Reserve(int count)
    {
        if (ranks.Length >= count)
            return;
        (ranks, masses) = (new int[count * 2], new double[count * 2 * input.IouThresholds.Length]);
        (recall, precision, positions) = (new double[count * 2], new double[count * 2], new int[count * 2]);
    }

    private double Weigh(ReadOnlySpan<PairGroup> groups, ScaleBand band)
    {
        var sum = 0.0;
        var end = groups[^1].GroundTruthStart + groups[^1].GroundTruthCount;
        for (var g = groups[0].GroundTruthStart; g < end; g++)
            sum += band.WeightOf(input, g);
        return sum;
    }

    /// <summary>Fills recall and the highest precision from each detection on; answers how many detections there are within the limit.</summary>
    private int Fill(ReadOnlySpan<int> order, ReadOnlySpan<double> mass, int limit, double toFind)
    {
        var length = 0;
        double right = 0, wrong = 0;
        foreach (var place in order)
        {
            if (ranks[place] >= limit)
                continue;
            right += Math.Max(0, mass[place]);
            wrong += Math.Max(0, -mass[place]);
            (recall[length], precision[length], positions[length]) = (right / toFind, right / (right + wrong + curves.Rule.Epsilon), place);
            length++;
        }
        for (var i = length - 1; i > 0; i--)
            precision[i - 1] = Math.Max(precision[i - 1], precision[i]);
        return length;
    }

    private void Sample(int length, int first, int threshold, int category, int band, int limit)
    {
        for (var r = 0; r < curves.RecallThresholds.Length; r++)
        {
            var at = FirstReaching(curves.RecallThresholds[r], length);
            var index = curves.IndexOf(threshold, r, category, band, limit);
            curves.Precision[index] = at < length ? precision[at] : 0;
            curves.Scores[index] = at < length ? input.Scores[first + positions[at]] : 0;
        }
    }

    private int FirstReaching(double wanted, int length)
    {
        int low = 0, high = length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (recall[middle] < wanted)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
