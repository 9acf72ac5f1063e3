namespace Serve.Inference.Detection;

/// <summary>
/// Lets a request be prepared for a model: its picture decoded and laid out for the graph. A model admits few at a time, in the order in which they will run. So
/// what waits in a rush are encoded pictures, not tensors, and a request that is refused or given up has cost no decoding.
/// </summary>
/// <remarks>It ends when a runner takes the request, or when it is disposed before the request was queued. While it waits or is prepared, no run takes all cores.</remarks>
public sealed class Admission : IDisposable
{
    private readonly RequestQueue _queue;
    private TaskCompletionSource? _admitted;

    internal Admission(RequestQueue queue, int level) => (_queue, Level) = (queue, level);

    /// <summary>Where it stands; the queue's to change.</summary>
    internal AdmissionState State { get; set; } = AdmissionState.Ended;

    /// <summary>1 first; larger later.</summary>
    internal int Level { get; }

    /// <summary>When it was asked for, a timestamp of the model's clock.</summary>
    internal long Added { get; set; }

    /// <summary>Order of arrival.</summary>
    internal long Arrival { get; set; }

    /// <summary>How long it waited to be admitted.</summary>
    internal TimeSpan Waited { get; set; }

    /// <summary>Completes when the request may be prepared, of one that has to wait for that.</summary>
    internal Task Admitted => _admitted!.Task;

    /// <summary>The request is not on its way any more. Without effect once it is queued.</summary>
    public void Dispose() => _queue.Leave(this);

    /// <summary>It has to wait. Under the queue's lock.</summary>
    internal void Wait() => _admitted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>It may be prepared. Under the queue's lock.</summary>
    internal void Admit() => _admitted?.TrySetResult();
}

/// <summary>Where an admission stands.</summary>
internal enum AdmissionState
{
    /// <summary>The request waits, unprepared.</summary>
    Waiting,

    /// <summary>It is being prepared.</summary>
    Preparing,

    /// <summary>It is prepared and waits for a run.</summary>
    Queued,

    /// <summary>It runs, or will not.</summary>
    Ended,
}
