namespace Serve.Training.Runs;

/// <summary>Measures the speed of a session and estimates the time left.</summary>
internal sealed class SpeedMeter(TimeProvider time, long firstStep, long totalSteps, int batchSize)
{
    private readonly long _firstStep = firstStep;
    private readonly long _start = time.GetTimestamp();
    private long _lapStart = time.GetTimestamp();
    private long _lapStep = firstStep;
    private long _pauseStart;

    /// <summary>Images a second since the last call, pauses not counted.</summary>
    public double Lap(long step)
    {
        var seconds = time.GetElapsedTime(_lapStart).TotalSeconds;
        var speed = seconds > 0 ? (step - _lapStep) * batchSize / seconds : 0;
        (_lapStart, _lapStep) = (time.GetTimestamp(), step);
        return speed;
    }

    /// <summary>Starts something that is no training, such as an evaluation.</summary>
    public void Pause() => _pauseStart = time.GetTimestamp();

    /// <summary>Ends it.</summary>
    public void Continue() => _lapStart += time.GetTimestamp() - _pauseStart;

    /// <summary>Time until the last step at the mean speed of this session, pauses included; null before its first step.</summary>
    public TimeSpan? TimeLeft(long step) => step > _firstStep ? time.GetElapsedTime(_start) * (totalSteps - step) / (step - _firstStep) : null;
}
