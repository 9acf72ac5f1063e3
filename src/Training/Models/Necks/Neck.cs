using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Necks;

/// <summary>Turns a backbone's maps C2, C3, C4, C5 into the levels that heads look at, finest first.</summary>
public abstract class Neck(string name) : nn.Module<IReadOnlyList<TracedTensor>, IReadOnlyList<FeatureLevel>>(name)
{
    /// <summary>Input pixels between two cells of each level.</summary>
    public abstract IReadOnlyList<int> Strides { get; }

    /// <summary>Channels of every level.</summary>
    public abstract int Channels { get; }
}
