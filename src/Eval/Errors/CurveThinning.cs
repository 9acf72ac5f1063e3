namespace Serve.Eval.Errors;

/// <summary>Leaves out places of a curve that cannot be seen at a given width (see <see cref="ScoreCurve"/>).</summary>
internal static class CurveThinning
{
    /// <summary>The places that stay, rising.</summary>
    /// <param name="curve">All places.</param>
    /// <param name="columns">Width in columns.</param>
    public static int[] Places(FullCurve curve, int columns)
    {
        var count = curve.Scores.Length;
        if (count == 0)
            return [];
        var stays = new bool[count];
        // Both axes are monotonic, so that a column is a run of places.
        Keep(stays, columns, place => curve.True[place], curve.True[0], curve.True[^1], curve.Precision);
        Keep(stays, columns, place => curve.Scores[place], curve.Scores[0], curve.Scores[^1], curve.Precision, curve.F1);
        return [.. Enumerable.Range(0, count).Where(place => stays[place])];
    }

    private static void Keep(bool[] stays, int columns, Func<int, double> axis, double first, double last, params ReadOnlySpan<Func<int, double>> values)
    {
        var scale = first == last ? 0 : columns / (last - first);
        int Column(int place) => Math.Min(columns - 1, (int)((axis(place) - first) * scale));
        for (int from = 0, to; from < stays.Length; from = to)
        {
            var column = Column(from);
            to = from + 1;
            while (to < stays.Length && Column(to) == column)
                to++;
            stays[from] = stays[to - 1] = true;
            foreach (var value in values)
                KeepExtremes(stays, from, to, value);
        }
    }

    private static void KeepExtremes(bool[] stays, int from, int to, Func<int, double> value)
    {
        var (lowest, highest) = (from, from);
        for (var place = from + 1; place < to; place++)
        {
            if (value(place) < value(lowest))
                lowest = place;
            if (value(place) > value(highest))
                highest = place;
        }
        stays[lowest] = stays[highest] = true;
    }
}
