using static TorchSharp.torch;

namespace Serve.Training.Tracing;

/// <summary>A tensor that computes eagerly through TorchSharp and, when it came from a tracer, also records the ONNX node that made it.</summary>
public sealed class TracedTensor(Tensor value)
{
    /// <summary>The eager value.</summary>
    public Tensor Value { get; } = value;
}
