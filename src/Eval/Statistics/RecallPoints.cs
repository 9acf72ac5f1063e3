namespace Serve.Eval.Statistics;

/// <summary>How many of the recalls at which precision is read are reached with a number of true positives.</summary>
internal sealed class RecallPoints
{
    private readonly double[] thresholds;
    private readonly double[] positive;

    /// <summary>Sorts the points.</summary>
    /// <exception cref="InvalidInputException">There are more than a table holds.</exception>
    public RecallPoints(double[] thresholds)
    {
        if (thresholds.Length > ushort.MaxValue)
            throw new InvalidInputException($"There are {thresholds.Length} recall points; at most {ushort.MaxValue} can be resampled.");
        this.thresholds = thresholds;
        positive = [.. thresholds.Where(threshold => threshold > 0).Order()];
        AtZero = thresholds.Length - positive.Length;
        for (var r = 1; r < thresholds.Length; r++)
            IsAscending &= thresholds[r] >= thresholds[r - 1];
    }

    /// <summary>Number of points.</summary>
    public int Count => thresholds.Length;

    /// <summary>Number of points at recall 0, which the first detection reaches.</summary>
    public int AtZero { get; }

    /// <summary>False where the points are in another order: then it matters which are reached in all.</summary>
    public bool IsAscending { get; } = true;

    /// <summary>Fills a table: at each number of true positives, 0 to that of ground truths, how many points above 0 are reached.</summary>
    public void Fill(Span<ushort> table) => Fill(table, positive);

    /// <summary>
    /// The same where the points are in another order: the reference reads no point after the first that is not reached in all.
    /// </summary>
    /// <param name="table">As above.</param>
    /// <param name="found">True positives in all.</param>
    /// <returns>Number of points at recall 0 that are read.</returns>
    public int FillUntilMissed(Span<ushort> table, int found)
    {
        var recall = (double)found / (table.Length - 1);
        var missed = Array.FindIndex(thresholds, threshold => threshold > 0 && !(threshold <= recall));
        var read = missed < 0 ? thresholds : thresholds[..missed];
        Fill(table, [.. read.Where(threshold => threshold > 0).Order()]);
        return read.Count(threshold => threshold <= 0);
    }

    private static void Fill(Span<ushort> table, double[] ascending)
    {
        var groundTruths = table.Length - 1;
        ushort reached = 0;
        for (var found = 0; found < table.Length; found++)
        {
            var recall = (double)found / groundTruths;
            while (reached < ascending.Length && ascending[reached] <= recall)
                reached++;
            table[found] = reached;
        }
    }
}
