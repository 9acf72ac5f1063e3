namespace Serve.Training.Data;

/// <summary>A part of the work of preparing batches.</summary>
public enum DataStage
{
    /// <summary>Reading and decoding pictures.</summary>
    Decode,

    /// <summary>Resizing them.</summary>
    Resize,

    /// <summary>Painting them onto the canvas, flipped and recoloured.</summary>
    Paint,

    /// <summary>Moving boxes and drawing masks.</summary>
    Objects,

    /// <summary>Pasting objects of other images, preparing these not counted.</summary>
    Paste,

    /// <summary>Allocating the batch, and turning boxes and masks into tensors.</summary>
    Tensor,

    /// <summary>The consumer waited for a batch that was not ready: the only one of these that training waits for.</summary>
    Wait,
}

/// <summary>How long preparing batches took, by stage. Safe for use from several threads; the time of all workers is added up.</summary>
/// <param name="time">The clock.</param>
public sealed class StageTimes(TimeProvider time)
{
    private readonly long[] ticks = new long[Enum.GetValues<DataStage>().Length];

    /// <summary>The time of each stage since the last call.</summary>
    public IReadOnlyDictionary<DataStage, TimeSpan> Take()
        => Enum.GetValues<DataStage>().ToDictionary(stage => stage, stage => time.GetElapsedTime(0, Interlocked.Exchange(ref ticks[(int)stage], 0)));

    /// <summary>The present moment.</summary>
    internal long Now() => time.GetTimestamp();

    /// <summary>Adds the time since a moment to a stage.</summary>
    /// <returns>The present moment, where the next stage begins.</returns>
    internal long Add(DataStage stage, long since)
    {
        var now = time.GetTimestamp();
        Interlocked.Add(ref ticks[(int)stage], now - since);
        return now;
    }
}
