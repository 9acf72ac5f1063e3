using System.Diagnostics;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Models;

/// <summary>
/// The first runs of a model: they allocate and pick kernels, show whether the outputs are what the passport promises, which provider runs what, whether the
/// graph really takes batches, and how long they take.
/// </summary>
/// <param name="MaxBatch">Most pictures in a run.</param>
/// <param name="MillisecondsAlone">Time of a run of one picture on all cores.</param>
/// <param name="Notes">What had to be decided otherwise than the graph or the options say.</param>
internal sealed record WarmUp(int MaxBatch, double MillisecondsAlone, IReadOnlyList<string> Notes)
{
    // Input tensors of a batch take no more than this.
    private const long LargestBatchBytes = 64L << 20;

    // Larger batches are not tried once a run takes so long: loading must end.
    private static readonly TimeSpan LongestRun = TimeSpan.FromSeconds(1);

    private static readonly DetectionOptions Everything = new(ScoreThreshold: 0, MaxDetections: int.MaxValue);

    /// <summary>Most pictures of a run that options, passport and memory allow.</summary>
    public static int LargestBatch(ModelSession session, DetectionModelOptions options)
    {
        var input = session.Passport.Input;
        if (!session.Input.HasDynamicBatch || session.Graph.Operators.ContainsKey(BatchInfluence.RangeOperator))
            return 1;
        var fitting = (int)Math.Max(1, LargestBatchBytes / session.Input.PictureBytes(PlanOf(input).InputWidth, PlanOf(input).InputHeight));
        return Math.Min(Math.Min(options.MaxBatch, fitting), input.MaxBatch > 0 ? input.MaxBatch : int.MaxValue);
    }

    /// <summary>Runs the model for the first time.</summary>
    /// <param name="session">The opened graph.</param>
    /// <param name="largest">Most pictures to try together.</param>
    /// <param name="times">Where to note the times.</param>
    /// <exception cref="ModelOutputException">It does not run, or its outputs are not what the passport promises.</exception>
    public static WarmUp Run(ModelSession session, int largest, BatchTimes times)
    {
        RunOnce(session, 1, alone: true, learn: true);
        if (session.SessionCount > 1)
            RunOnce(session, 1, alone: false, learn: false);
        var alone = Measure(session, 1, alone: true);
        var single = session.SessionCount > 1 ? Measure(session, 1, alone: false) : alone;
        times.Add(1, single.TotalMilliseconds);

        var notes = new List<string>();
        if (session.Input.HasDynamicBatch && session.Graph.Operators.ContainsKey(BatchInfluence.RangeOperator))
            notes.Add($"Runs pictures one at a time: the graph quantises by the range of a whole batch ({BatchInfluence.RangeOperator}), so that pictures would change each other's detections.");
        if (session.Device.IsGpu && session.Nodes.Where(nodes => nodes.Key != session.Device.Provider).Sum(nodes => nodes.Value) is var fallen and > 0)
            notes.Add($"Of {session.Nodes.Values.Sum()} nodes {fallen} are not run by {session.Device.Provider}: {string.Join(", ", session.Nodes.Select(nodes => $"{nodes.Value} by {nodes.Key}"))}.");
        var took = single;
        for (var size = 2; size <= largest; size = size == largest ? largest + 1 : Math.Min(size * 2, largest))
        {
            if (took * 2 > LongestRun && size > 2)
                break;
            try
            {
                RunOnce(session, size, alone: false, learn: false);
            }
            catch (ModelOutputException e)
            {
                notes.Add($"Runs pictures {(size == 2 ? "one at a time" : $"in batches below {size}")}: the graph declares a dynamic batch, but a batch of {size} failed. {e.Message}");
                largest = size == 2 ? 1 : size - 1;
                break;
            }

            if (size == 2 && BatchInfluence.Measure(session) is var influence and > BatchInfluence.Noise)
            {
                notes.Add($"Runs pictures one at a time: beside another picture this one's outputs changed by {influence:0.####} of the largest.");
                largest = 1;
                break;
            }

            took = Measure(session, size, alone: false);
            times.Add(size, took.TotalMilliseconds);
        }

        return new WarmUp(largest, alone.TotalMilliseconds, notes);
    }

    /// <summary>Lets go of what the first runs took.</summary>
    public static void Shrink(ModelSession session)
    {
        // Warming up took each location for an object.
        DecodingScratch.Release();
        session.Shrink();
    }

    /// <summary>A picture of the model's size; where pictures keep theirs, that is only a limit, and one of a camera's smaller sizes stands for them.</summary>
    private static ResizePlan PlanOf(InputSpec input)
        => input.Resize == ResizeRule.Keep ? ResizePlan.For(input, Math.Min(input.Width, 640), Math.Min(input.Height, 640)) : ResizePlan.For(input, input.Width, input.Height);

    private static void RunOnce(ModelSession session, int size, bool alone, bool learn)
    {
        var input = session.Passport.Input;
        var plan = PlanOf(input);
        var buffer = session.Rent(new BufferShape(size, plan.InputWidth, plan.InputHeight));
        buffer.Clear();
        for (var i = 0; i < size; i++)
            buffer.WriteExtras(i, plan);
        var outputs = session.Run(buffer, alone);
        try
        {
            if (learn)
                session.Learn(outputs);
            for (var i = 0; i < size; i++)
                session.Decode(outputs, i, plan, Everything, []);
        }
        finally
        {
            outputs.Release();
            session.Return(buffer);
        }
    }

    /// <summary>The shorter of two runs.</summary>
    private static TimeSpan Measure(ModelSession session, int size, bool alone)
    {
        var input = session.Passport.Input;
        var plan = PlanOf(input);
        var buffer = session.Rent(new BufferShape(size, plan.InputWidth, plan.InputHeight));
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 2 && (best == TimeSpan.MaxValue || best < LongestRun); i++)
        {
            var begun = Stopwatch.GetTimestamp();
            session.Run(buffer, alone).Release();
            var took = Stopwatch.GetElapsedTime(begun);
            best = took < best ? took : best;
        }

        session.Return(buffer);
        return best;
    }
}
