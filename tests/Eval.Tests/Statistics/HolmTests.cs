using CsCheck;
using Serve.Eval.Statistics;

namespace Serve.Eval.Tests.Statistics;

public class HolmTests
{
    [Fact]
    public void P_values_are_adjusted_as_by_hand()
    {
        // By rising p: 4 * 0.005, 3 * 0.01, 2 * 0.03, 1 * 0.04, which is not below the one before.
        double[] expected = [0.03, 0.06, 0.06, 0.02];

        Assert.All(expected.Zip(Holm.Adjust([0.01, 0.04, 0.03, 0.005])), pair => Assert.Equal(pair.First, pair.Second, 1e-15));
    }

    [Fact]
    public void Adjusted_p_values_stay_in_order_between_the_p_value_and_that_of_Bonferroni()
        => Gen.Double[0, 1].Array[0, 12].Sample(pValues =>
        {
            var adjusted = Holm.Adjust(pValues);

            return pValues.Zip(adjusted).All(pair => pair.Second >= pair.First && pair.Second <= Math.Min(1, pair.First * pValues.Length))
                && pValues.Zip(adjusted).OrderBy(pair => pair.First).Select(pair => pair.Second).SequenceEqual(adjusted.Order());
        });
}
