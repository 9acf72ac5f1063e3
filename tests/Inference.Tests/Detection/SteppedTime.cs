namespace Serve.Inference.Tests.Detection;

/// <summary>A clock that stands still until it is moved on.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public void Step(TimeSpan time) => Interlocked.Add(ref _now, time.Ticks);
}
