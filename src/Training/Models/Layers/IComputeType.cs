using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>
/// A layer that can multiply in fewer bits than it stores: weights are float32, and so are what comes in and what goes out. TorchSharp has no autocast. As results are
/// float32 again, whatever stands between such layers computes in float32 and needs not know.
/// </summary>
internal interface IComputeType
{
    /// <summary>What inputs and weights are rounded to before they are multiplied.</summary>
    ScalarType ComputeType { get; set; }
}

/// <summary>How such layers round.</summary>
internal static class ComputeTypes
{
    /// <summary>Multiplies in the layer's type.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What comes in.</param>
    /// <param name="weight">Its weights.</param>
    /// <param name="bias">Its bias; null where there is none.</param>
    /// <param name="product">The operator, of input, weights and bias.</param>
    public static TracedTensor Multiply(
        this IComputeType layer, TracedTensor input, Tensor weight, Tensor? bias, Func<TracedTensor, Tensor, Tensor?, TracedTensor> product)
    {
        var type = layer.ComputeType;
        return type == ScalarType.Float32
            ? product(input, weight, bias)
            : new(product(new TracedTensor(input.Value.to(type)), weight.to(type), bias?.to(type)).Value.to(float32));
    }
}
