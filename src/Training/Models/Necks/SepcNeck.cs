using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Necks;

/// <summary>A feature pyramid followed by pyramid convolutions, and by one convolution for classes and one for boxes: a neck that leaves little to the head.</summary>
/// <remarks>
/// Wang et al., "Scale-equalizing pyramid convolution for object detection", CVPR 2020. Weights start from N(0, 0.01), biases from 0.
/// Keys: <c>pyramid.*</c>, <c>layers.0..</c> (<see cref="PyramidConvolution"/>), <c>classes</c>, <c>boxes</c>, <c>class_norm</c>, <c>box_norm</c>.
/// </remarks>
internal sealed class SepcNeck : Neck
{
    private readonly FeaturePyramid pyramid;
    private readonly ModuleList<PyramidConvolution> layers = [];
    private readonly nn.Module<TracedTensor, TracedTensor> classes;
    private readonly nn.Module<TracedTensor, TracedTensor> boxes;
    private readonly IntegratedNorm? class_norm;
    private readonly IntegratedNorm? box_norm;

    /// <param name="options">Levels and channels.</param>
    /// <param name="inputs">Channels of C2, C3, C4, C5.</param>
    /// <param name="init">Fills the weights.</param>
    public SepcNeck(NeckOptions options, IReadOnlyList<int> inputs, Initialisation init) : base(nameof(SepcNeck))
    {
        var sepc = options.Sepc;
        pyramid = new FeaturePyramid(options, inputs, init);
        for (var i = 0; i < sepc.Layers; i++)
            layers.Add(new PyramidConvolution(Channels, sepc.IntegratedNorm, init));
        (classes, boxes) = (Last(), Last());
        if (sepc.IntegratedNorm)
            (class_norm, box_norm) = (new IntegratedNorm(Channels), new IntegratedNorm(Channels));
        RegisterComponents();

        nn.Module<TracedTensor, TracedTensor> Last() => sepc.Deformable
            ? new DeformableConvolutionLayer(Channels, Channels, 3, init.Normal(0.01))
            : new ConvolutionLayer(Channels, Channels, 3, init.Normal(0.01));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Strides => pyramid.Strides;

    /// <inheritdoc/>
    public override int Channels => pyramid.Channels;

    /// <summary>The levels, finest first, each with a map for classes and one for boxes.</summary>
    /// <param name="input">C2, C3, C4, C5.</param>
    public override IReadOnlyList<FeatureLevel> forward(IReadOnlyList<TracedTensor> input)
    {
        IReadOnlyList<TracedTensor> maps = [.. pyramid.call(input).Select(level => level.Map)];
        maps = layers.Aggregate(maps, (x, layer) => layer.call(x));
        var (forClasses, forBoxes) = (Branch(maps, classes, class_norm), Branch(maps, boxes, box_norm));
        return [.. Strides.Select((stride, i) => new FeatureLevel(stride, forClasses[i]) { BoxMap = forBoxes[i] })];
    }

    private static IReadOnlyList<TracedTensor> Branch(IReadOnlyList<TracedTensor> maps, nn.Module<TracedTensor, TracedTensor> convolution, IntegratedNorm? norm)
    {
        IReadOnlyList<TracedTensor> sums =
        [
            .. maps.Select((map, level) => level == 0 && convolution is DeformableConvolutionLayer deformable ? deformable.Rigid(map) : convolution.call(map)),
        ];
        return [.. (norm?.call(sums) ?? sums).Select(map => map.Relu())];
    }
}
