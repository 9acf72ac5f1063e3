namespace Serve.Training.Optimization;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(5, 0.55 * 0.99384)]
    [InlineData(50, 0.5)]
    [InlineData(100, 0)]
    public void Cosine_warms_up_and_falls_to_zero(long step, double expected)
    {
        var schedule = new Schedule { Kind = ScheduleKind.Cosine, WarmupSteps = 10, WarmupFactor = 0.1 };

        Assert.Equal(expected, schedule.FactorAt(step, totalSteps: 100), 1e-4);
    }

    [Theory]
    [InlineData(59, 1)]
    [InlineData(60, 0.1)]
    [InlineData(79, 0.1)]
    [InlineData(80, 0.01)]
    public void Steps_fall_at_their_points(long step, double expected)
    {
        var schedule = new Schedule { Kind = ScheduleKind.Step, WarmupSteps = 0, DecayAt = [0.6, 0.8] };

        Assert.Equal(expected, schedule.FactorAt(step, totalSteps: 100), 1e-12);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(9)]
    public void Pinned_tail_is_as_long_in_a_long_training_as_in_a_short_one(int times)
    {
        var schedule = new Schedule { Kind = ScheduleKind.Step, WarmupSteps = 1000, WarmupFactor = 0.001, DecayBeforeEnd = [60_000, 20_000] };
        var total = times * 90_000L;

        Assert.Equal(0.02, 0.02 * schedule.FactorAt(total - 60_001, total), 1e-12);
        Assert.Equal(0.002, 0.02 * schedule.FactorAt(total - 60_000, total), 1e-12);
        Assert.Equal(0.002, 0.02 * schedule.FactorAt(total - 20_001, total), 1e-12);
        Assert.Equal(0.0002, 0.02 * schedule.FactorAt(total - 20_000, total), 1e-12);
        Assert.Equal(0.0002, 0.02 * schedule.FactorAt(total - 1, total), 1e-12);
    }

    [Theory]
    [InlineData(0, 1.0 / 3)]
    [InlineData(499, 1.0 / 3)]
    [InlineData(500, 1)]
    public void Constant_warm_up_jumps_to_the_full_rate(long step, double expected)
    {
        var schedule = new Schedule { Kind = ScheduleKind.Step, Warmup = WarmupKind.Constant, WarmupSteps = 500, WarmupFactor = 1.0 / 3 };

        Assert.Equal(expected, schedule.FactorAt(step, totalSteps: 90_000), 1e-12);
    }
}
