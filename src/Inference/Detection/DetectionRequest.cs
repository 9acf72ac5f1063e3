using Serve.Inference.Families;

namespace Serve.Inference.Detection;

/// <summary>What a run gave for one picture.</summary>
/// <param name="Candidates">Its objects.</param>
/// <param name="Started">When the run began, a timestamp of the model's clock.</param>
/// <param name="Finished">When it ended.</param>
/// <param name="BatchSize">How many pictures were in it.</param>
internal sealed record RunResult(List<Candidate> Candidates, long Started, long Finished, int BatchSize);

/// <summary>A prepared picture that waits for a run. Owns its input until it has been run or passed over.</summary>
internal sealed class DetectionRequest(InputBuffer input, bool background)
{
    // Continuations must not run on the runner's thread.
    private readonly TaskCompletionSource<RunResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public InputBuffer Input { get; } = input;

    public bool Background { get; } = background;

    /// <summary>True when nobody waits any more.</summary>
    public bool IsOver => _result.Task.IsCompleted;

    public void Complete(RunResult result) => _result.TrySetResult(result);

    public void Fail(Exception exception) => _result.TrySetException(exception);

    /// <summary>Waits for the run, or for the client to go.</summary>
    public async Task<RunResult> WaitAsync(CancellationToken ct)
    {
        await using var registration = ct.UnsafeRegister(static (state, token) => ((DetectionRequest)state!)._result.TrySetCanceled(token), this);
        return await _result.Task;
    }
}
