using Serve.Eval.Errors;

namespace Serve.Eval.Tests.Errors;

public class CurveThinningTests
{
    private const int Columns = 60;

    // Scores gather at the low end, as those of detectors do.
    private static readonly FullCurve Curve = Random(places: 40_000);

    private static readonly int[] Places = CurveThinning.Places(Curve, Columns);

    [Fact]
    public void Places_are_few_and_rising()
    {
        Assert.True(Places.Length <= Columns * 10, $"{Places.Length} places");
        Assert.Equal(Places.Distinct().Order(), Places);
    }

    [Fact]
    public void Columns_by_recall_keep_their_ends_and_extremes()
        => SameColumns(place => (double)Curve.True[place] / Curve.Objects, Curve.Precision);

    [Fact]
    public void Columns_by_score_keep_their_ends_and_extremes()
    {
        SameColumns(place => -Curve.Scores[place], Curve.Precision);
        SameColumns(place => -Curve.Scores[place], Curve.F1);
        SameColumns(place => -Curve.Scores[place], place => (double)Curve.True[place] / Curve.Objects);
    }

    [Fact]
    public void Short_curve_keeps_every_place()
    {
        var curve = new FullCurve([0.9, 0.5, 0.1], [1, 1, 2], [0, 1, 1], 2);

        Assert.Equal([0, 1, 2], CurveThinning.Places(curve, 100));
        Assert.Equal([0], CurveThinning.Places(new FullCurve([0.5], [1], [0], 1), 1));
        Assert.Empty(CurveThinning.Places(new FullCurve([], [], [], 1), 1));
    }

    private static void SameColumns(Func<int, double> axis, Func<int, double> value)
    {
        var (first, last) = (axis(0), axis(Curve.Scores.Length - 1));
        int Column(int place) => Math.Min(Columns - 1, (int)((axis(place) - first) / (last - first) * Columns));
        IEnumerable<(int, double, double, double, double)> Drawn(IEnumerable<int> places) => places.GroupBy(Column)
            .Select(column => (column.Key, value(column.First()), value(column.Last()), column.Min(value), column.Max(value)));

        Assert.Equal(Drawn(Enumerable.Range(0, Curve.Scores.Length)), Drawn(Places));
    }

    private static FullCurve Random(int places)
    {
        var random = new SplitMix64(3);
        var (scores, trues, falses) = (new double[places], new int[places], new int[places]);
        int right = 0, wrong = 0;
        for (var i = 0; i < places; i++)
        {
            var isRight = random.NextBool(1.0 / (1 + (i / 2000.0)));
            right += isRight ? 1 : 0;
            wrong += isRight ? 0 : 1;
            (scores[i], trues[i], falses[i]) = (Math.Pow(1 - ((i + 1.0) / (places + 1)), 3), right, wrong);
        }
        return new(scores, trues, falses, right + 100);
    }
}
