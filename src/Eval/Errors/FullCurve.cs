using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>Counts from each score on that occurs, none left out.</summary>
/// <param name="Scores">Scores, falling, each once. [N]</param>
/// <param name="True">True positives from each score on. [N]</param>
/// <param name="False">False positives from each score on. [N]</param>
/// <param name="Objects">Objects that somebody has to find.</param>
internal sealed record FullCurve(double[] Scores, int[] True, int[] False, int Objects)
{
    /// <summary>Counts detections.</summary>
    /// <param name="scores">Scores in any order.</param>
    /// <param name="outcomes">What became of each; ignored ones are left out.</param>
    /// <param name="objects">Objects that somebody has to find.</param>
    public static FullCurve Of(ReadOnlySpan<double> scores, ReadOnlySpan<Outcome> outcomes, int objects)
    {
        var (kept, right) = (new double[scores.Length], new bool[scores.Length]);
        var count = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            if ((outcomes[i] & Outcome.Ignored) != 0)
                continue;
            (kept[count], right[count]) = (scores[i], outcomes[i] is Outcome.Matched);
            count++;
        }
        var order = new ScoreOrder().Sort(kept.AsSpan(0, count));
        var (distinct, trues, falses) = (new List<double>(), new List<int>(), new List<int>());
        int truePositives = 0, falsePositives = 0;
        for (var i = 0; i < count; i++)
        {
            truePositives += right[order[i]] ? 1 : 0;
            falsePositives += right[order[i]] ? 0 : 1;
            if (i + 1 < count && kept[order[i + 1]] == kept[order[i]])
                continue;
            distinct.Add(kept[order[i]]);
            trues.Add(truePositives);
            falses.Add(falsePositives);
        }
        return new([.. distinct], [.. trues], [.. falses], objects);
    }

    /// <summary>Detections counted.</summary>
    public int Detections => Scores.Length == 0 ? 0 : True[^1] + False[^1];

    /// <summary>Precision at a place.</summary>
    public double Precision(int place) => (double)True[place] / (True[place] + False[place]);

    /// <summary>F1 at a place.</summary>
    public double F1(int place) => 2.0 * True[place] / ((long)True[place] + False[place] + Objects);

    /// <summary>The highest F1, of equal ones that with the highest score; null where no detection is right.</summary>
    public OperatingPoint? Best()
    {
        var (best, highest) = (-1, 0.0);
        for (var i = 0; i < Scores.Length; i++)
        {
            if (F1(i) > highest)
                (best, highest) = (i, F1(i));
        }
        return best < 0 ? null : OperatingPoint.Of(Scores[best], True[best], False[best], Objects);
    }

    /// <summary>The values from a score on, whether it occurs or not.</summary>
    public OperatingPoint At(double threshold)
    {
        int low = 0, high = Scores.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Scores[middle] >= threshold)
                low = middle + 1;
            else
                high = middle;
        }
        return low == 0 ? OperatingPoint.Of(threshold, 0, 0, Objects) : OperatingPoint.Of(threshold, True[low - 1], False[low - 1], Objects);
    }
}
