namespace Serve.Training.Runs;

public sealed class StepTimesTests
{
    [Fact]
    public void Stages_are_means_of_steps_and_waiting_is_the_share_of_data()
    {
        var clock = new Clock();
        var times = new StepTimes(clock);
        for (var step = 0; step < 2; step++)
        {
            times.Start();
            clock.Pass(milliseconds: 10);
            times.Mark(StepTimes.Data);
            clock.Pass(milliseconds: 30);
            times.Mark(StepTimes.Forward);
            times.End();
            clock.Pass(milliseconds: 1000);
        }

        var means = times.TakeMeans();

        Assert.Equal((10.0, 30.0, 0.0, 0.25), (means["data"], means["forward"], means["backward"], means["waiting"]));
        Assert.Empty(times.TakeMeans());
    }

    private sealed class Clock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => _now;

        public void Pass(long milliseconds) => _now += milliseconds;
    }
}
