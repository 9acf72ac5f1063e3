using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>The output with the mask prototypes [B, K, h, w] of the YOLO line.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Channels">K.</param>
internal sealed record Prototypes(string Name, int Channels)
{
    /// <summary>Finds it; null when the graph has none, or several of that shape.</summary>
    public static Prototypes? Of(GraphDescription graph)
        => graph.Outputs.Where(output => output.Shape is [_, > 0, _, _]).ToList() is [var only] ? new Prototypes(only.Name, only.Shape![1]) : null;

    /// <summary>Masks whose coefficients are these channels.</summary>
    public MaskSpec Masks(TensorPart coefficients) => new() { Frame = MaskFrame.Prototypes, Output = Name, Coefficients = coefficients };
}
