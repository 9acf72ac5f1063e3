using Serve.Eval;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;

namespace Serve.Training.Models.Backbones;

/// <summary>The trunk of a residual network, without classifier.</summary>
/// <remarks>
/// He et al., "Deep residual learning", CVPR 2016, in torchvision's layout (stride on the 3x3) and with its parameter names: <c>conv1.weight</c>,
/// <c>bn1.weight</c>, <c>layer1.0.conv1.weight</c>, ..., <c>layer2.0.downsample.0.weight</c>; the names stay the same for other normalisations.
/// </remarks>
internal sealed class ResNet : Backbone
{
    private readonly ConvolutionLayer conv1;
    private readonly NormLayer bn1;
    private readonly ModuleList<ResidualBlock> layer1;
    private readonly ModuleList<ResidualBlock> layer2;
    private readonly ModuleList<ResidualBlock> layer3;
    private readonly ModuleList<ResidualBlock> layer4;

    /// <param name="options">Size and normalisation.</param>
    /// <param name="init">Fills the weights (He, fan-out).</param>
    /// <exception cref="InvalidInputException">Another depth than 18 and 50.</exception>
    public ResNet(BackboneOptions options, Initialisation init) : base($"ResNet{options.Depth}")
    {
        int[] blocks = options.Depth switch
        {
            18 => [2, 2, 2, 2],
            50 => [3, 4, 6, 3],
            _ => throw new InvalidInputException(OptionFault.Of("backbone.depth", options.Depth, "18 or 50")),
        };
        var isBottleneck = options.Depth >= 50;
        var (width, norm) = (options.Width, options.Norm);
        var outer = isBottleneck ? Bottleneck.Expansion * width : width;
        Channels = [outer, 2 * outer, 4 * outer, 8 * outer];

        conv1 = new ConvolutionLayer(3, width, 7, init.HeNormalFanOut, stride: 2, hasBias: false);
        bn1 = norm.Create(width);
        var channels = width;
        layer1 = Stage(width, blocks[0], stride: 1);
        layer2 = Stage(2 * width, blocks[1], stride: 2);
        layer3 = Stage(4 * width, blocks[2], stride: 2);
        layer4 = Stage(8 * width, blocks[3], stride: 2);
        RegisterComponents();

        ModuleList<ResidualBlock> Stage(int inner, int count, int stride)
        {
            var stage = new ModuleList<ResidualBlock>();
            for (var i = 0; i < count; i++)
            {
                var step = i == 0 ? stride : 1;
                ResidualBlock block = isBottleneck
                    ? new Bottleneck(channels, inner, step, norm, init)
                    : new BasicBlock(channels, inner, step, norm, init);
                channels = isBottleneck ? Bottleneck.Expansion * inner : inner;
                if (options.ZeroInitResidual)
                    block.LastNorm.FillScale(0);
                stage.Add(block);
            }

            return stage;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Channels { get; }

    /// <summary>C2, C3, C4, C5: feature maps of strides 4, 8, 16, 32.</summary>
    /// <param name="input">[B, 3, H, W], normalised pixels.</param>
    public override IReadOnlyList<TracedTensor> forward(TracedTensor input)
    {
        var x = bn1.call(conv1.call(input)).Relu().MaxPool(3, stride: 2, padding: 1);
        var c2 = Run(layer1, x);
        var c3 = Run(layer2, c2);
        var c4 = Run(layer3, c3);
        return [c2, c3, c4, Run(layer4, c4)];
    }

    private static TracedTensor Run(ModuleList<ResidualBlock> stage, TracedTensor input) => stage.Aggregate(input, (x, block) => block.call(x));
}
