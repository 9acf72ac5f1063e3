using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Backbones;

/// <summary>A bottleneck whose 3x3 convolution is split into four parts: each of the first three has a convolution, and from the second on sees the result of the one before.</summary>
/// <remarks>
/// Gao et al., "Res2Net: a new multi-scale backbone architecture", PAMI 2021, in its authors' code (26w-4s): parts of 26 channels where the block's width is 64. The first block of
/// a stage adds nothing between the parts and takes means of 3x3 cells, with the stage's stride, of the last one.
/// Keys: <c>conv1</c>, <c>bn1</c>, <c>convs.0..2</c>, <c>bns.0..2</c>, <c>conv3</c>, <c>bn3</c>, <c>downsample</c>.
/// </remarks>
internal sealed class Res2NetBlock : ResidualBlock
{
    /// <summary>Parts of a block.</summary>
    public const int Parts = 4;

    private readonly nn.Module<TracedTensor, TracedTensor> conv1;
    private readonly NormLayer bn1;
    private readonly ModuleList<nn.Module<TracedTensor, TracedTensor>> convs = [];
    private readonly ModuleList<NormLayer> bns = [];
    private readonly nn.Module<TracedTensor, TracedTensor> conv3;
    private readonly NormLayer bn3;
    private readonly ModuleList<nn.Module<TracedTensor, TracedTensor>> downsample;
    private readonly bool isFirst;
    private readonly int stride;
    private readonly int width;

    /// <param name="shape">Size; its width is that of a plain bottleneck.</param>
    /// <param name="isFirst">Whether it is the first block of a stage.</param>
    /// <param name="layers">Makes the layers.</param>
    public Res2NetBlock(BlockShape shape, bool isFirst, LayerFactory layers) : base(nameof(Res2NetBlock), shape)
    {
        (this.isFirst, stride, width) = (isFirst, shape.Stride, PartWidth(shape.Width));
        conv1 = layers.Convolution(shape.Inputs, Parts * width, 1, 1);
        bn1 = layers.Norm.Create(Parts * width);
        for (var i = 0; i < Parts - 1; i++)
        {
            convs.Add(layers.Convolution(width, width, 3, stride));
            bns.Add(layers.Norm.Create(width));
        }

        conv3 = layers.Convolution(Parts * width, Bottleneck.Expansion * shape.Width, 1, 1);
        bn3 = layers.Norm.Create(Bottleneck.Expansion * shape.Width);
        downsample = Projection(Bottleneck.Expansion * shape.Width, layers);
        RegisterComponents();
    }

    public override NormLayer LastNorm => bn3;

    /// <summary>Channels of a part of a block whose plain form is so wide.</summary>
    public static int PartWidth(int width) => width * 26 / 64;

    public override TracedTensor forward(TracedTensor input)
    {
        var parts = bn1.call(conv1.call(input)).Relu().Split(1, [.. Enumerable.Repeat((long)width, Parts)]);
        var results = new TracedTensor[Parts];
        for (var i = 0; i < Parts - 1; i++)
        {
            var part = i == 0 || isFirst ? parts[i] : parts[i] + results[i - 1];
            results[i] = bns[i].call(convs[i].call(part)).Relu();
        }

        results[^1] = isFirst ? parts[^1].AveragePool(3, stride, padding: 1) : parts[^1];
        return Join(bn3.call(conv3.call(Shapes.Concat(1, results))), input, downsample);
    }
}
