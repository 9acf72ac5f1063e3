using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Detection;

public sealed class BatchTimesTests
{
    [Theory]
    [InlineData(10, 20, 40, 80, 1)]      // twice the pictures, twice the time
    [InlineData(10, 19.5, 39, 78, 1)]    // 2.5 % is not worth it
    [InlineData(10, 12, 16, 24, 8)]
    [InlineData(10, 12, 16, 40, 4)]
    [InlineData(10, 25, 16, 30, 8)]
    public void The_batch_that_gives_most_pictures_a_second_is_favoured(double one, double two, double four, double eight, int expected)
    {
        Assert.Equal(expected, Measured(one, two, four, eight).Most);
    }

    [Fact]
    public void What_is_not_measured_is_not_favoured()
    {
        var times = new BatchTimes(8, 0.05, TimeSpan.FromSeconds(1));

        Assert.Equal((1, TimeSpan.Zero), (times.Most, times.Patience(1)));
    }

    [Fact]
    public void New_times_move_the_choice()
    {
        var times = Measured(10, 12, 16, 24);
        for (var i = 0; i < 100; i++)
            times.Add(8, 100);

        Assert.Equal(4, times.Most);
        Assert.InRange(times.Measured[8], 99.9, 100);
    }

    [Fact]
    public void One_more_is_worth_waiting_for_as_long_as_it_saves_time()
    {
        var times = Measured(10, 12, 16, 24);

        // The second adds 2 ms where a run of its own takes 10; with two waiting the third saves 8 ms too, which each of the two waits for.
        Assert.Equal([8, 4, 8 / 3.0], new[] { 1, 2, 3 }.Select(waiting => times.Patience(waiting).TotalMilliseconds), (a, b) => Math.Abs(a - b) < 1e-3);
        Assert.Equal(TimeSpan.Zero, times.Patience(8));
        Assert.Equal(TimeSpan.Zero, times.Patience(0));
        Assert.Equal(TimeSpan.Zero, Measured(10, 20, 40, 80).Patience(1));
    }

    [Fact]
    public void The_wait_has_a_limit()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(1.5), Measured(10, 12, 16, 24, wait: 1.5).Patience(1));
    }

    [Fact]
    public void A_lower_limit_is_kept()
    {
        var times = Measured(10, 12, 16, 24);
        times.Limit(2);
        times.Add(1, 10);

        Assert.Equal((2, TimeSpan.Zero), (times.Most, times.Patience(2)));
    }

    [Fact]
    public void Sizes_that_were_not_measured_are_run_where_they_cost_nothing_special()
    {
        Assert.Equal([1, 2, 3, 4, 5, 8, 8], new[] { 1, 2, 3, 4, 5, 8, 9 }.Select(Measured(10, 12, 16, 24).Fit));
        Assert.Equal([1, 2, 2, 4, 4, 8, 8], new[] { 1, 2, 3, 4, 5, 8, 9 }.Select(Measured(10, 12, 16, 24, onlyMeasured: true).Fit));
    }

    private static BatchTimes Measured(double one, double two, double four, double eight, double wait = 1000, bool onlyMeasured = false)
    {
        var times = new BatchTimes(8, 0.05, TimeSpan.FromMilliseconds(wait), onlyMeasured);
        times.Add(1, one);
        times.Add(2, two);
        times.Add(4, four);
        times.Add(8, eight);
        return times;
    }
}
