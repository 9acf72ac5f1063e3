namespace Serve.Inference.Models;

/// <summary>How a model is run.</summary>
public sealed record DetectionModelOptions
{
    /// <summary><c>auto</c> (CUDA where it is there, else the CPU), <c>cpu</c>, <c>cuda</c>, <c>cuda:n</c>, <c>tensorrt</c> or <c>tensorrt:n</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>True when <see cref="Device"/> means the CPU: it says so, or is <c>auto</c> and this build knows nothing else.</summary>
    /// <exception cref="Serve.Eval.InvalidInputException">It names no device.</exception>
    public bool IsCpu => Models.Device.IsCpu(this);

    /// <summary>
    /// Threads of one run on the CPU; 0 for as many as the load leaves: a lone request gets all cores, concurrent ones a core each.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Runs side by side over the same weights; 0 for one a core on the CPU (one in all where <see cref="Threads"/> is 2 or more) and one on a GPU.</summary>
    public int Runners { get; init; }

    /// <summary>Most pictures in one run, where the graph's batch is dynamic. Less where the input is large: a batch stays below 64 MB.</summary>
    public int MaxBatch { get; init; } = 8;

    /// <summary>
    /// Pictures are run together only where that gives at least so many more pictures a second, as measured: 0.05 for 5 %. Negative infinity runs together
    /// whatever waits.
    /// </summary>
    public double LeastBatchGain { get; init; } = 0.05;

    /// <summary>
    /// Longest time that a runner waits for requests whose pictures are being prepared while others wait already. The wait itself follows from the measured
    /// times: never longer than what the larger batch saves.
    /// </summary>
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Most interactive requests that wait; one more raises <see cref="Detection.QueueFullException"/>.</summary>
    public int QueueLimit { get; init; } = 256;

    /// <summary>Most memory of the inputs that wait, in bytes: large inputs lower <see cref="QueueLimit"/>, to 16 at the least.</summary>
    public long QueueBytes { get; init; } = 512L << 20;

    /// <summary>The level of requests that name no priority. 1 is the highest; larger is lower.</summary>
    public int DefaultPriority { get; init; } = 2;

    /// <summary>How long a request may wait that does not say so itself; null for as long as it takes.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>A background request that has waited so long since the last one ran is taken before interactive ones, so that none starves.</summary>
    public TimeSpan BackgroundPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Settings of CUDA.</summary>
    public CudaSettings Cuda { get; init; } = new();

    /// <summary>Settings of TensorRT.</summary>
    public TensorRtSettings TensorRt { get; init; } = new();

    /// <summary>The clock behind the timings.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
