using Serve.Eval;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Backbones;

/// <summary>The trunk of a residual network, without classifier.</summary>
/// <remarks>
/// He et al., "Deep residual learning", CVPR 2016, with torchvision's parameter names: <c>conv1.weight</c>,
/// <c>bn1.weight</c>, <c>layer1.0.conv1.weight</c>, ..., <c>layer2.0.downsample.0.weight</c>; the names stay the same for other normalisations. A deep stem has
/// <c>stem.0</c> to <c>stem.5</c>, convolutions and normalisations in turn, in place of <c>conv1</c> and <c>bn1</c>.
/// </remarks>
internal sealed class ResNet : Backbone
{
    private readonly ConvolutionLayer? conv1;
    private readonly NormLayer? bn1;
    private readonly ModuleList<nn.Module<TracedTensor, TracedTensor>> stem = [];
    private readonly ModuleList<ResidualBlock> layer1;
    private readonly ModuleList<ResidualBlock> layer2;
    private readonly ModuleList<ResidualBlock> layer3;
    private readonly ModuleList<ResidualBlock> layer4;

    /// <param name="options">Size and normalisation.</param>
    /// <param name="init">Fills the weights (He, fan-out).</param>
    /// <exception cref="InvalidInputException">A depth that there is not.</exception>
    public ResNet(BackboneOptions options, Initialisation init) : base($"ResNet{options.Depth}")
    {
        var blocks = Blocks.GetValueOrDefault(options.Depth) ?? throw new InvalidInputException(OptionFault.Of("backbone.depth", options.Depth, string.Join(", ", Blocks.Keys)));
        var isBottleneck = options.Depth >= 50;
        var (width, norm) = (options.Width, options.Norm);
        var outer = isBottleneck ? Bottleneck.Expansion * width : width;
        Channels = [outer, 2 * outer, 4 * outer, 8 * outer];

        if (options.DeepStem)
        {
            AddToStem(3, width / 2, stride: 2);
            AddToStem(width / 2, width / 2, stride: 1);
            AddToStem(width / 2, width, stride: 1);
        }
        else
        {
            conv1 = new ConvolutionLayer(3, width, 7, init.HeNormalFanOut, stride: 2, hasBias: norm.LeavesBias);
            bn1 = norm.Create(width);
        }

        var layers = LayerFactory.Convolutions(norm, init);
        var channels = width;
        layer1 = Stage(width, blocks[0], stride: 1);
        layer2 = Stage(2 * width, blocks[1], stride: 2);
        layer3 = Stage(4 * width, blocks[2], stride: 2);
        layer4 = Stage(8 * width, blocks[3], stride: 2);
        RegisterComponents();
        FrozenStages.Freeze(children().Where(child => StageOf(child) <= options.FreezeAt));

        void AddToStem(int inputs, int outputs, int stride)
        {
            stem.Add(new ConvolutionLayer(inputs, outputs, 3, init.HeNormalFanOut, stride, hasBias: norm.LeavesBias));
            stem.Add(norm.Create(outputs));
        }

        ModuleList<ResidualBlock> Stage(int inner, int count, int stride)
        {
            var stage = new ModuleList<ResidualBlock>();
            for (var i = 0; i < count; i++)
            {
                var shape = new BlockShape(channels, inner, i == 0 ? stride : 1, options.Stride, options.AveragePoolShortcut);
                ResidualBlock block = isBottleneck ? new Bottleneck(shape, layers) : new BasicBlock(shape, layers);
                channels = isBottleneck ? Bottleneck.Expansion * inner : inner;
                if (options.ZeroInitResidual)
                    block.LastNorm.FillScale(0);
                stage.Add(block);
            }

            return stage;
        }
    }

    /// <summary>Blocks of each stage, by depth.</summary>
    public static IReadOnlyDictionary<int, int[]> Blocks { get; } = new Dictionary<int, int[]>
    {
        [18] = [2, 2, 2, 2],
        [34] = [3, 4, 6, 3],
        [50] = [3, 4, 6, 3],
        [101] = [3, 4, 23, 3],
    };

    /// <inheritdoc/>
    public override IReadOnlyList<int> Channels { get; }

    /// <summary>C2, C3, C4, C5: feature maps of strides 4, 8, 16, 32.</summary>
    /// <param name="input">[B, 3, H, W], normalised pixels.</param>
    public override IReadOnlyList<TracedTensor> forward(TracedTensor input)
    {
        var x = Stem(input).MaxPool(3, stride: 2, padding: 1);
        var c2 = Run(layer1, x);
        var c3 = Run(layer2, c2);
        var c4 = Run(layer3, c3);
        return [c2, c3, c4, Run(layer4, c4)];
    }

    private static TracedTensor Run(ModuleList<ResidualBlock> stage, TracedTensor input) => stage.Aggregate(input, (x, block) => block.call(x));

    private TracedTensor Stem(TracedTensor input)
    {
        if (conv1 is not null && bn1 is not null)
            return bn1.call(conv1.call(input)).Relu();
        for (var i = 0; i < stem.Count; i += 2)
            input = stem[i + 1].call(stem[i].call(input)).Relu();
        return input;
    }

    // 1 for the stem, 2 for the first stage of blocks, and so on.
    private int StageOf(nn.Module child)
        => ReferenceEquals(child, layer1) ? 2 : ReferenceEquals(child, layer2) ? 3 : ReferenceEquals(child, layer3) ? 4 : ReferenceEquals(child, layer4) ? 5 : 1;
}
