using Serve.Inference.Families;
using Serve.Inference.Models;

namespace Serve.Inference.Detection;

/// <summary>What a run gave for one picture.</summary>
/// <param name="Outputs">The run's outputs, leased: whoever gets this releases them.</param>
/// <param name="Index">Which picture of them.</param>
/// <param name="Started">When the run began, a timestamp of the model's clock.</param>
/// <param name="Finished">When it ended.</param>
internal readonly record struct PictureRun(RunOutputs Outputs, int Index, long Started, long Finished);

/// <summary>A prepared picture that waits for a run. Owns its input until it has been run or passed over.</summary>
internal sealed class PictureRequest(ModelSession session, InputBuffer input) : InferenceRequest<PictureRun>
{
    /// <summary>The picture.</summary>
    public InputBuffer Input { get; } = input;

    /// <inheritdoc/>
    public override int Size => 1;

    /// <inheritdoc/>
    public override bool RunsWith(InferenceRequest other) => other is PictureRequest picture && picture.Input.Shape == Input.Shape;

    /// <inheritdoc/>
    public override void Free() => session.Return(Input);
}

/// <summary>Runs batches of pictures and hands out their outputs.</summary>
internal sealed class PictureRuns(ModelSession session, BatchTimes times, ModelRecord record, TimeProvider time)
{
    /// <summary>Runs pictures together. When that fails each is run alone: one may be the cause, and the others must not suffer.</summary>
    public void Run(IReadOnlyList<InferenceRequest> requests, RunTurn turn)
    {
        if (requests.Count == 1)
        {
            RunAlone((PictureRequest)requests[0], turn);
            return;
        }

        try
        {
            RunTogether(requests, turn);
        }
        catch (ModelOutputException)
        {
            foreach (var request in requests)
                RunAlone((PictureRequest)request, turn);
        }
    }

    private void RunAlone(PictureRequest request, RunTurn turn)
    {
        try
        {
            Answer([request], request.Input, turn);
        }
        catch (ModelOutputException e)
        {
            request.Fail(e);
        }
    }

    private void RunTogether(IReadOnlyList<InferenceRequest> requests, RunTurn turn)
    {
        var together = session.Rent(((PictureRequest)requests[0]).Input.Shape with { Batch = requests.Count });
        try
        {
            for (var i = 0; i < requests.Count; i++)
                together.CopyFrom(((PictureRequest)requests[i]).Input, i);
            Answer(requests, together, turn);
        }
        finally
        {
            session.Return(together);
        }
    }

    private void Answer(IReadOnlyList<InferenceRequest> requests, InputBuffer inputs, RunTurn turn)
    {
        var started = time.GetTimestamp();
        var outputs = session.Run(inputs, turn.IsAlone);
        try
        {
            var finished = time.GetTimestamp();
            turn.End();
            var took = time.GetElapsedTime(started, finished);
            if (!turn.IsAlone || session.SessionCount == 1)
                times.Add(requests.Count, took.TotalMilliseconds);
            record.Ran(requests.Count, took);
            for (var i = 0; i < requests.Count; i++)
            {
                outputs.Acquire();
                if (!((PictureRequest)requests[i]).TryComplete(new PictureRun(outputs, i, started, finished)))
                    outputs.Release();
            }
        }
        finally
        {
            outputs.Release();
        }
    }
}
