using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Backbones;

/// <summary>A residual block: relu(residual(x) + shortcut(x)).</summary>
internal abstract class ResidualBlock(string name) : nn.Module<TracedTensor, TracedTensor>(name)
{
    /// <summary>The last normalisation of the residual branch. Its scale at zero makes the block an identity at first.</summary>
    public abstract NormLayer LastNorm { get; }

    /// <summary>Projection of the shortcut where size or channels change (torchvision's <c>downsample.0</c> and <c>.1</c>); empty otherwise.</summary>
    protected static ModuleList<nn.Module<TracedTensor, TracedTensor>> Projection(int inputs, int outputs, int stride, Norm norm, Initialisation init)
        => stride == 1 && inputs == outputs
            ? new ModuleList<nn.Module<TracedTensor, TracedTensor>>()
            : new ModuleList<nn.Module<TracedTensor, TracedTensor>>(
                new ConvolutionLayer(inputs, outputs, 1, init.HeNormalFanOut, stride, hasBias: false), norm.Create(outputs));

    protected static TracedTensor Join(TracedTensor residual, TracedTensor input, ModuleList<nn.Module<TracedTensor, TracedTensor>> downsample)
        => (residual + downsample.Aggregate(input, (x, layer) => layer.call(x))).Relu();
}

/// <summary>Two 3x3 convolutions (ResNet-18 and 34).</summary>
internal sealed class BasicBlock : ResidualBlock
{
    private readonly ConvolutionLayer conv1;
    private readonly NormLayer bn1;
    private readonly ConvolutionLayer conv2;
    private readonly NormLayer bn2;
    private readonly ModuleList<nn.Module<TracedTensor, TracedTensor>> downsample;

    public BasicBlock(int inputs, int width, int stride, Norm norm, Initialisation init) : base(nameof(BasicBlock))
    {
        conv1 = new ConvolutionLayer(inputs, width, 3, init.HeNormalFanOut, stride, hasBias: false);
        bn1 = norm.Create(width);
        conv2 = new ConvolutionLayer(width, width, 3, init.HeNormalFanOut, hasBias: false);
        bn2 = norm.Create(width);
        downsample = Projection(inputs, width, stride, norm, init);
        RegisterComponents();
    }

    public override NormLayer LastNorm => bn2;

    public override TracedTensor forward(TracedTensor input)
    {
        var x = bn1.call(conv1.call(input)).Relu();
        return Join(bn2.call(conv2.call(x)), input, downsample);
    }
}

/// <summary>1x1, 3x3 and 1x1 convolutions, four times as wide outside; the stride is on the 3x3, as in torchvision (ResNet-50 and up).</summary>
internal sealed class Bottleneck : ResidualBlock
{
    /// <summary>Channels out over channels of the 3x3 convolution.</summary>
    public const int Expansion = 4;

    private readonly ConvolutionLayer conv1;
    private readonly NormLayer bn1;
    private readonly ConvolutionLayer conv2;
    private readonly NormLayer bn2;
    private readonly ConvolutionLayer conv3;
    private readonly NormLayer bn3;
    private readonly ModuleList<nn.Module<TracedTensor, TracedTensor>> downsample;

    public Bottleneck(int inputs, int width, int stride, Norm norm, Initialisation init) : base(nameof(Bottleneck))
    {
        conv1 = new ConvolutionLayer(inputs, width, 1, init.HeNormalFanOut, hasBias: false);
        bn1 = norm.Create(width);
        conv2 = new ConvolutionLayer(width, width, 3, init.HeNormalFanOut, stride, hasBias: false);
        bn2 = norm.Create(width);
        conv3 = new ConvolutionLayer(width, Expansion * width, 1, init.HeNormalFanOut, hasBias: false);
        bn3 = norm.Create(Expansion * width);
        downsample = Projection(inputs, Expansion * width, stride, norm, init);
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
