using System.Globalization;

namespace Serve.Inference.Models;

/// <summary>Settings of ONNX Runtime's CUDA provider.</summary>
public sealed record CudaSettings
{
    /// <summary>Most GPU memory of a model, in bytes; null for no limit.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Grow the memory by just what is asked for, so that several models share a GPU; false doubles it, which allocates less often.</summary>
    public bool GrowByRequest { get; init; } = true;

    /// <summary>How convolution kernels are picked: <c>exhaustive</c> tries all whenever a shape is new, which takes seconds for each batch size; <c>heuristic</c> and <c>default</c> do not.</summary>
    public string ConvolutionSearch { get; init; } = "heuristic";

    /// <summary>Let convolutions use as much working memory as the fastest kernel wants.</summary>
    public bool LargeWorkspace { get; init; } = true;

    /// <summary>Multiply float32 with 10 bits of mantissa on tensor cores: faster, scores move by some thousandths.</summary>
    public bool Tf32 { get; init; }

    /// <summary>Lay tensors out as NHWC, which half-precision models gain from.</summary>
    public bool PreferNhwc { get; init; }

    /// <summary>Record the launches of a run once a batch size and replay them. For models of fixed shapes whose nodes all run on the GPU; others are refused at load.</summary>
    public bool CudaGraphs { get; init; }

    /// <summary>Options of the provider by their own names, which win over the settings above.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    internal Dictionary<string, string> ToProvider(int device)
    {
        var options = new Dictionary<string, string>
        {
            ["device_id"] = device.ToString(CultureInfo.InvariantCulture),
            ["enable_cuda_graph"] = CudaGraphs ? "1" : "0",
            ["arena_extend_strategy"] = GrowByRequest ? "kSameAsRequested" : "kNextPowerOfTwo",
            ["cudnn_conv_algo_search"] = ConvolutionSearch.ToUpperInvariant(),
            ["cudnn_conv_use_max_workspace"] = LargeWorkspace ? "1" : "0",
            ["use_tf32"] = Tf32 ? "1" : "0",
            ["prefer_nhwc"] = PreferNhwc ? "1" : "0",
        };
        if (MemoryLimit is { } limit)
            options["gpu_mem_limit"] = limit.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in More)
            options[name] = value;
        return options;
    }
}

/// <summary>Settings of ONNX Runtime's TensorRT provider. What TensorRT does not take goes to CUDA with <see cref="CudaSettings"/>.</summary>
public sealed record TensorRtSettings
{
    /// <summary>Run in half precision where TensorRT finds it faster: scores move by some hundredths.</summary>
    public bool Fp16 { get; init; }

    /// <summary>Folder in which built engines are kept, so that a model loads in seconds the next time; null builds anew at each load, which takes minutes.</summary>
    public string? EngineCache { get; init; }

    /// <summary>Most working memory while an engine is built and run, in bytes; null for all there is.</summary>
    public long? WorkspaceLimit { get; init; }

    /// <summary>Capture the engine's launches as a CUDA graph, where the shapes are fixed.</summary>
    public bool CudaGraphs { get; init; }

    /// <summary>Options of the provider by their own names, which win over the settings above.</summary>
    public IReadOnlyDictionary<string, string> More { get; init; } = new Dictionary<string, string>();

    internal Dictionary<string, string> ToProvider(int device)
    {
        var options = new Dictionary<string, string>
        {
            ["device_id"] = device.ToString(CultureInfo.InvariantCulture),
            ["trt_fp16_enable"] = Fp16 ? "1" : "0",
            ["trt_cuda_graph_enable"] = CudaGraphs ? "1" : "0",
        };
        if (EngineCache is { } cache)
        {
            options["trt_engine_cache_enable"] = "1";
            options["trt_engine_cache_path"] = cache;
            options["trt_timing_cache_enable"] = "1";
            options["trt_timing_cache_path"] = cache;
        }

        if (WorkspaceLimit is { } limit)
            options["trt_max_workspace_size"] = limit.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in More)
            options[name] = value;
        return options;
    }
}
