namespace Serve.Training.Runs;

public sealed class SpeedMeterTests
{
    [Fact]
    public void Speed_leaves_pauses_out_and_time_left_does_not()
    {
        var time = new ManualTime();
        var speed = new SpeedMeter(time, firstStep: 100, totalSteps: 200, batchSize: 4);

        time.Advance(10);
        speed.Pause();
        time.Advance(30);
        speed.Continue();

        Assert.Equal(TimeSpan.FromSeconds(160), speed.TimeLeft(120));
        Assert.Equal(8, speed.Lap(120), 1e-9);
    }

    [Fact]
    public void Time_left_is_unknown_before_the_first_step()
        => Assert.Null(new SpeedMeter(new ManualTime(), firstStep: 100, totalSteps: 200, batchSize: 4).TimeLeft(100));

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks;

        public void Advance(double seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;
    }
}
