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
}
