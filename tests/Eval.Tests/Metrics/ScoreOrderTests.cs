using CsCheck;
using Serve.Eval.Metrics;

namespace Serve.Eval.Tests.Metrics;

public class ScoreOrderTests
{
    [Fact]
    public void Equal_scores_go_by_row_then_by_place()
        => Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5]).Array[0, 40].Sample(found =>
        {
            double[] scores = [.. found.Select(one => one.Item1 / 4.0)];
            int[] rows = [.. found.Select(one => one.Item2)];
            int[] ranked = [.. Enumerable.Range(0, found.Length).OrderByDescending(place => scores[place])];

            ScoreOrder.OrderTiesByRow(ranked, scores, rows);

            Assert.Equal(Enumerable.Range(0, found.Length).OrderByDescending(place => scores[place]).ThenBy(place => rows[place]).ThenBy(place => place), ranked);
        });
}
