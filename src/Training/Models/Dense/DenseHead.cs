using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Dense;

/// <summary>The head of a dense detector, shared by all pyramid levels: a class tower and a box tower, each with a 3x3 convolution that predicts.</summary>
/// <remarks>
/// Lin et al., "Focal loss for dense object detection", ICCV 2017, section 4; ATSS and GFL add a learnt factor for the boxes of each level, and ATSS the centre-ness
/// on the box tower. Weights start from N(0, 0.01), biases from 0, the class bias from -ln((1 - prior) / prior).
/// Keys: <c>class_tower.0.conv</c>, <c>class_tower.0.norm</c>, ..., <c>box_tower...</c>, <c>classes</c>, <c>boxes</c>, <c>centerness</c>, <c>scales</c> [levels].
/// </remarks>
internal sealed class DenseHead : nn.Module
{
    private readonly ModuleList<TowerLayer> class_tower = [];
    private readonly ModuleList<TowerLayer> box_tower = [];
    private readonly ConvolutionLayer classes;
    private readonly ConvolutionLayer boxes;
    private readonly ConvolutionLayer? centerness;
    private readonly Parameter? scales;

    /// <param name="options">Towers and predictions.</param>
    /// <param name="channels">Channels of the levels.</param>
    /// <param name="levels">How many levels there are.</param>
    /// <param name="init">Fills the weights.</param>
    public DenseHead(DenseOptions options, int channels, int levels, Initialisation init) : base(nameof(DenseHead))
    {
        var normal = init.Normal(0.01);
        for (var i = 0; i < options.TowerDepth; i++)
        {
            class_tower.Add(new TowerLayer(channels, options.TowerNorm, hasBias: options.TowerNorm is null, normal));
            box_tower.Add(new TowerLayer(channels, options.TowerNorm, hasBias: options.TowerNorm is null, normal));
        }

        classes = new ConvolutionLayer(channels, options.AnchorCount * options.CategoryCount, 3, normal);
        classes.FillBias(-Math.Log((1 - options.PriorProbability) / options.PriorProbability));
        boxes = new ConvolutionLayer(channels, options.AnchorCount * options.BoxChannels, 3, normal);
        if (options.Kind == DenseKind.Atss)
            centerness = new ConvolutionLayer(channels, options.AnchorCount, 3, normal);
        if (options.Kind != DenseKind.Retina)
            scales = new Parameter(ones(levels));
        RegisterComponents();
    }

    /// <summary>Predictions of one level.</summary>
    /// <param name="level">The features.</param>
    /// <param name="index">0 for the finest level, and so on.</param>
    public DenseLevel Predict(FeatureLevel level, int index)
    {
        var forClasses = class_tower.Aggregate(level.Map, (x, layer) => layer.call(x));
        var forBoxes = box_tower.Aggregate(level.BoxMap, (x, layer) => layer.call(x));
        var predicted = boxes.call(forBoxes);
        return new DenseLevel(
            level.Stride,
            classes.call(forClasses),
            scales is null ? predicted : predicted * new TracedTensor(scales[index]),
            centerness?.call(forBoxes));
    }
}
