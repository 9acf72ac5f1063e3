namespace Serve.Inference.Models;

/// <summary>How a model is run.</summary>
public sealed record DetectionModelOptions
{
    /// <summary><c>auto</c> (CUDA where it is there, else the CPU), <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Threads of one run; 0 for one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Most pictures in one run, where the graph's batch is dynamic. Less where the input is large: a batch stays below 64 MB.</summary>
    public int MaxBatch { get; init; } = 8;

    /// <summary>Most interactive requests that wait; one more raises <see cref="Detection.QueueFullException"/>.</summary>
    public int QueueLimit { get; init; } = 256;

    /// <summary>Runs side by side over the same weights.</summary>
    public int Runners { get; init; } = 1;

    /// <summary>How long a runner that has just finished waits for requests whose pictures are being prepared, before it starts with fewer than MaxBatch.</summary>
    public TimeSpan BatchWait { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>The clock behind the timings.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
