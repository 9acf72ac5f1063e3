namespace Serve.Eval.Statistics;

/// <summary>Correction of p-values for having looked at several.</summary>
public static class Holm
{
    /// <summary>
    /// The smallest level of significance of the whole family at which each is rejected: with this, the chance that any true null hypothesis of the family is
    /// rejected stays below the level, whatever the p-values have to do with each other.
    /// </summary>
    /// <remarks>Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of Statistics 6 (1979).</remarks>
    /// <param name="pValues">The p-values of a family, in any order.</param>
    /// <returns>Adjusted p-values in the same order, at most 1.</returns>
    public static double[] Adjust(IReadOnlyList<double> pValues)
    {
        ArgumentNullException.ThrowIfNull(pValues);
        var order = Enumerable.Range(0, pValues.Count).OrderBy(i => pValues[i]).ToArray();
        var adjusted = new double[pValues.Count];
        var highest = 0.0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            highest = Math.Max(highest, Math.Min(1, (order.Length - rank) * pValues[order[rank]]));
            adjusted[order[rank]] = highest;
        }
        return adjusted;
    }
}
