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
