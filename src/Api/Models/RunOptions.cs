using System.ComponentModel.DataAnnotations;
using Serve.Inference.Models;

namespace Serve.Api.Models;

/// <summary>How models are run.</summary>
public sealed class RunOptions
{
    /// <summary>Threads of one run on the CPU; 0 for as many as the load leaves: a lone request gets all cores, concurrent ones a core each.</summary>
    [Range(0, 1024)]
    public int Threads { get; set; }

    /// <summary>Runs of a model side by side; 0 for one a core on the CPU and one on a GPU.</summary>
    [Range(0, 1024)]
    public int Runners { get; set; }

    /// <summary>Most pictures in one run.</summary>
    [Range(1, 1024)]
    public int MaxBatch { get; set; } = 8;

    /// <summary>Longest wait of a busy model for pictures that are being prepared, in milliseconds.</summary>
    [Range(0.0, 1000.0)]
    public double BatchWaitMilliseconds { get; set; } = 2;

    /// <summary>Most requests that wait for one model; more are answered 503 with Retry-After.</summary>
    [Range(1, 100_000)]
    public int QueueLimit { get; set; } = 256;

    /// <summary>Milliseconds that a request may wait for its run when it does not say so itself; then it is answered 504. 0 for as long as it takes.</summary>
    [Range(0, 3_600_000)]
    public int TimeoutMilliseconds { get; set; }
}

/// <summary>How models are run on a GPU.</summary>
public sealed class GpuOptions
{
    /// <summary>Most GPU memory of a model, in bytes; 0 for no limit.</summary>
    [Range(0, long.MaxValue)]
    public long MemoryBytes { get; set; }

    /// <summary>Multiply float32 with 10 bits of mantissa: faster, scores move by some thousandths.</summary>
    public bool Tf32 { get; set; }

    /// <summary>How CUDA's convolution kernels are picked: heuristic, exhaustive (tries all at each new shape, which can take seconds) or default.</summary>
    [RegularExpression("exhaustive|heuristic|default", ErrorMessage = "must be exhaustive, heuristic or default.")]
    public string ConvolutionSearch { get; set; } = "heuristic";

    /// <summary>Lay tensors out as NHWC with CUDA, which half-precision models gain from.</summary>
    public bool PreferNhwc { get; set; }

    /// <summary>Run in half precision where TensorRT finds it faster: scores move by some hundredths.</summary>
    public bool Fp16 { get; set; }

    /// <summary>Folder in which TensorRT keeps the engines that it has built; without it they are built at each load, which takes minutes.</summary>
    public string? EngineCache { get; set; }

    /// <summary>Most working memory of TensorRT, in bytes; 0 for all there is.</summary>
    [Range(0, long.MaxValue)]
    public long WorkspaceBytes { get; set; }

    /// <summary>Record the launches of a run once and replay them. For models of fixed shapes whose nodes all run on the GPU; others are refused at load.</summary>
    public bool CudaGraphs { get; set; }

    internal CudaSettings ToCuda() => new()
    {
        MemoryLimit = MemoryBytes > 0 ? MemoryBytes : null,
        Tf32 = Tf32,
        ConvolutionSearch = ConvolutionSearch,
        PreferNhwc = PreferNhwc,
        CudaGraphs = CudaGraphs,
    };

    internal TensorRtSettings ToTensorRt() => new()
    {
        Fp16 = Fp16,
        EngineCache = EngineCache,
        WorkspaceLimit = WorkspaceBytes > 0 ? WorkspaceBytes : null,
        CudaGraphs = CudaGraphs,
    };
}
