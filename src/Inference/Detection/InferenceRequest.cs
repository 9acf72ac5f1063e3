namespace Serve.Inference.Detection;

/// <summary>A prepared request that waits for a run.</summary>
internal abstract class InferenceRequest
{
    /// <summary>1 first; larger later.</summary>
    public required int Level { get; init; }

    /// <summary>Gives way to all others, and is run alone.</summary>
    public bool Background { get; init; }

    /// <summary>How long it may wait; null for ever.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What let it be prepared; null for one that comes prepared.</summary>
    public Admission? Admission { get; init; }

    /// <summary>When it was added, a timestamp of the model's clock.</summary>
    public long Added { get; set; }

    /// <summary>Order of arrival.</summary>
    public long Arrival { get; set; }

    /// <summary>Pictures in it.</summary>
    public abstract int Size { get; }

    /// <summary>True when the two may stand in one run.</summary>
    public abstract bool RunsWith(InferenceRequest other);

    /// <summary>Gives back what it holds for its run: it was run, or will not be.</summary>
    public abstract void Free();

    /// <summary>Tells the one who waits.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Tells the one who waits that it was given up.</summary>
    public abstract void Cancel(CancellationToken ct);
}

/// <summary>A request with an answer of a type.</summary>
internal abstract class InferenceRequest<T> : InferenceRequest
{
    // Continuations must not run on the runner's thread.
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer.</summary>
    public Task<T> Answer => _result.Task;

    /// <summary>Answers; false when nobody waits any more.</summary>
    public bool TryComplete(T result) => _result.TrySetResult(result);

    /// <inheritdoc/>
    public override void Fail(Exception exception) => _result.TrySetException(exception);

    /// <inheritdoc/>
    public override void Cancel(CancellationToken ct) => _result.TrySetCanceled(ct);
}
