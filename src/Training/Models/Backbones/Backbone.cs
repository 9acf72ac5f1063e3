using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Backbones;

/// <summary>Turns normalised pixels [B, 3, H, W] into the feature maps C2, C3, C4, C5.</summary>
public abstract class Backbone(string name) : nn.Module<TracedTensor, IReadOnlyList<TracedTensor>>(name)
{
    /// <summary>Input pixels between two cells of C2, C3, C4, C5.</summary>
    public static IReadOnlyList<int> Strides { get; } = [4, 8, 16, 32];

    /// <summary>Channels of C2, C3, C4, C5.</summary>
    public abstract IReadOnlyList<int> Channels { get; }
}
