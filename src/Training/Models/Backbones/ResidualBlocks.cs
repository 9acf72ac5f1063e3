using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Backbones;

/// <summary>Size of a residual block.</summary>
/// <param name="Inputs">Channels in.</param>
/// <param name="Width">Channels of its 3x3 convolutions.</param>
/// <param name="Stride">1, or 2 where it halves the map.</param>
/// <param name="Position">Where a bottleneck has its stride.</param>
/// <param name="PoolsShortcut">Whether a shortcut that halves the map takes means before its 1x1 convolution.</param>
internal sealed record BlockShape(int Inputs, int Width, int Stride, StridePosition Position = StridePosition.On3x3, bool PoolsShortcut = false);

/// <summary>A residual block: relu(residual(x) + shortcut(x)).</summary>
internal abstract class ResidualBlock(string name, BlockShape shape) : nn.Module<TracedTensor, TracedTensor>(name)
{
    /// <summary>The last normalisation of the residual branch. Its scale at zero makes the block an identity at first.</summary>
    public abstract NormLayer LastNorm { get; }

    private bool PoolsShortcut => shape.PoolsShortcut && shape.Stride > 1;

    /// <summary>Projection of the shortcut where size or channels change (torchvision's <c>downsample.0</c> and <c>.1</c>); empty otherwise.</summary>
    protected ModuleList<nn.Module<TracedTensor, TracedTensor>> Projection(int outputs, LayerFactory layers)
        => shape.Stride == 1 && shape.Inputs == outputs
            ? new ModuleList<nn.Module<TracedTensor, TracedTensor>>()
            : new ModuleList<nn.Module<TracedTensor, TracedTensor>>(
                layers.Convolution(shape.Inputs, outputs, 1, PoolsShortcut ? 1 : shape.Stride), layers.Norm.Create(outputs));

    protected TracedTensor Join(TracedTensor residual, TracedTensor input, ModuleList<nn.Module<TracedTensor, TracedTensor>> downsample)
    {
        var shortcut = PoolsShortcut ? input.AveragePool(2, stride: 2, ceiling: true, countPadding: false) : input;
        return (residual + downsample.Aggregate(shortcut, (x, layer) => layer.call(x))).Relu();
    }
}

/// <summary>Two 3x3 convolutions (ResNet-18 and 34).</summary>
internal sealed class BasicBlock : ResidualBlock
{
    private readonly nn.Module<TracedTensor, TracedTensor> conv1;
    private readonly NormLayer bn1;
    private readonly nn.Module<TracedTensor, TracedTensor> conv2;
    private readonly NormLayer bn2;
    private readonly ModuleList<nn.Module<TracedTensor, TracedTensor>> downsample;

    public BasicBlock(BlockShape shape, LayerFactory layers) : base(nameof(BasicBlock), shape)
    {
        conv1 = layers.Convolution(shape.Inputs, shape.Width, 3, shape.Stride);
        bn1 = layers.Norm.Create(shape.Width);
        conv2 = layers.Convolution(shape.Width, shape.Width, 3, 1);
        bn2 = layers.Norm.Create(shape.Width);
        downsample = Projection(shape.Width, layers);
        RegisterComponents();
    }

    public override NormLayer LastNorm => bn2;

    public override TracedTensor forward(TracedTensor input)
    {
        var x = bn1.call(conv1.call(input)).Relu();
        return Join(bn2.call(conv2.call(x)), input, downsample);
    }
}

/// <summary>1x1, 3x3 and 1x1 convolutions, four times as wide outside (ResNet-50 and up).</summary>
internal sealed class Bottleneck : ResidualBlock
{
    /// <summary>Channels out over channels of the 3x3 convolution.</summary>
    public const int Expansion = 4;

    private readonly nn.Module<TracedTensor, TracedTensor> conv1;
    private readonly NormLayer bn1;
    private readonly nn.Module<TracedTensor, TracedTensor> conv2;
    private readonly NormLayer bn2;
    private readonly nn.Module<TracedTensor, TracedTensor> conv3;
    private readonly NormLayer bn3;
    private readonly ModuleList<nn.Module<TracedTensor, TracedTensor>> downsample;

    public Bottleneck(BlockShape shape, LayerFactory layers) : base(nameof(Bottleneck), shape)
    {
        var width = shape.Width;
        var (first, second) = shape.Position == StridePosition.On1x1 ? (shape.Stride, 1) : (1, shape.Stride);
        conv1 = layers.Convolution(shape.Inputs, width, 1, first);
        bn1 = layers.Norm.Create(width);
        conv2 = layers.Convolution(width, width, 3, second);
        bn2 = layers.Norm.Create(width);
        conv3 = layers.Convolution(width, Expansion * width, 1, 1);
        bn3 = layers.Norm.Create(Expansion * width);
        downsample = Projection(Expansion * width, layers);
        RegisterComponents();
    }

    public override NormLayer LastNorm => bn3;

    public override TracedTensor forward(TracedTensor input)
    {
        var x = bn1.call(conv1.call(input)).Relu();
        x = bn2.call(conv2.call(x)).Relu();
        return Join(bn3.call(conv3.call(x)), input, downsample);
    }
}
