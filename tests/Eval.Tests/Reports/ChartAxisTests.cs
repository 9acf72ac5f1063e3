using Serve.Eval.Reports.Charts;

namespace Serve.Eval.Tests.Reports;

public class ChartAxisTests
{
    [Fact]
    public void An_axis_of_parts_goes_from_0_to_1_in_fifths()
        => Assert.Equal(["0", "0.2", "0.4", "0.6", "0.8", "1"], ChartAxis.Unit("").Ticks().Select(tick => tick.Text));

    [Theory]
    [InlineData(22.25, 25)]
    [InlineData(97, 100)]
    [InlineData(1, 1)]
    [InlineData(0.03, 0.03)]
    [InlineData(0, 1)]
    public void An_axis_from_0_ends_at_a_round_number_that_is_not_below_the_highest(double highest, double end)
        => Assert.Equal(end, ChartAxis.FromZero("", [0, highest]).Highest, 1e-12);

    [Fact]
    public void An_axis_of_nothing_has_a_length() => Assert.Equal(1, ChartAxis.FromZero("", []).Highest);

    [Theory]
    [InlineData(0.2, 0.9, 0, 1)]
    [InlineData(-3.2, 4.1, -4, 6)]
    [InlineData(7, 7, 6, 8)]
    [InlineData(-5, -5, -5, -4)]
    public void An_axis_holds_scores_whatever_they_are(double lowest, double highest, double start, double end)
    {
        var axis = ChartAxis.Holding("", [lowest, highest]);

        Assert.Equal((start, end), (axis.Lowest, axis.Highest));
        Assert.InRange(axis.Place(lowest, 0, 100), 0, 100);
        Assert.InRange(axis.Place(highest, 0, 100), 0, 100);
    }
}
