using Serve.Training.Models.Layers;
using static TorchSharp.torch;

namespace Serve.Training.Optimization;

/// <summary>What the multiplications of a training compute with.</summary>
public enum Precision
{
    /// <summary>32-bit floats throughout.</summary>
    Float32,

    /// <summary>
    /// Convolutions and matrix products in bfloat16; weights, normalisations, losses, boxes, the optimiser and the averaged weights in float32. Meant for GPUs.
    /// </summary>
    BFloat16,
}

/// <summary>Sets the precision of a network.</summary>
internal static class Precisions
{
    /// <summary>Sets what every layer that multiplies computes with.</summary>
    public static void SetPrecision(this nn.Module root, Precision precision)
    {
        foreach (var layer in root.modules().Prepend(root).OfType<IComputeType>())
            layer.ComputeType = precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
    }
}
