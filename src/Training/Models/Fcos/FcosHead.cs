using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Fcos;

/// <summary>The head of FCOS, shared by all pyramid levels: a class tower and a box tower, the centre-ness on either.</summary>
/// <remarks>
/// Tian et al., "FCOS"; see <see cref="FcosVersion"/>. Towers are 3x3 convolution (with bias), group normalisation, ReLU.
/// Weights start from N(0, 0.01), biases from 0, the class bias from -ln((1 - prior) / prior). Distances are relu(scale of the level * convolution)
/// in units of the stride, or exp(scale of the level * convolution) in pixels.
/// Keys: <c>class_tower.0.conv</c>, <c>class_tower.0.norm</c>, ..., <c>box_tower...</c>,
/// <c>classes</c>, <c>distances</c>, <c>centerness</c>, <c>scales</c> [levels].
/// </remarks>
internal sealed class FcosHead : nn.Module
{
    private readonly ModuleList<TowerLayer> class_tower = [];
    private readonly ModuleList<TowerLayer> box_tower = [];
    private readonly ConvolutionLayer classes;
    private readonly ConvolutionLayer distances;
    private readonly ConvolutionLayer centerness;
    private readonly Parameter scales;
    private readonly bool isOriginal;

    public FcosHead(FcosOptions options, int channels, int levels, Initialisation init) : base(nameof(FcosHead))
    {
        isOriginal = options.Version == FcosVersion.Original;
        var normal = init.Normal(0.01);
        for (var i = 0; i < options.TowerDepth; i++)
        {
            class_tower.Add(new TowerLayer(channels, Norm.Group(), hasBias: true, normal));
            box_tower.Add(new TowerLayer(channels, Norm.Group(), hasBias: true, normal));
        }

        classes = new ConvolutionLayer(channels, options.CategoryCount, 3, normal);
        classes.FillBias(-Math.Log((1 - options.PriorProbability) / options.PriorProbability));
        distances = new ConvolutionLayer(channels, 4, 3, normal);
        centerness = new ConvolutionLayer(channels, 1, 3, normal);
        scales = new Parameter(ones(levels));
        RegisterComponents();
    }

    /// <summary>Predictions of one level.</summary>
    /// <param name="level">The features.</param>
    /// <param name="index">0 for the finest level, and so on.</param>
    public FcosLevel Predict(FeatureLevel level, int index)
    {
        var forClasses = class_tower.Aggregate(level.Map, (x, layer) => layer.call(x));
        var forBoxes = box_tower.Aggregate(level.BoxMap, (x, layer) => layer.call(x));
        var sides = distances.call(forBoxes) * new TracedTensor(scales[index]);
        return new FcosLevel(
            level.Stride,
            classes.call(forClasses),
            isOriginal ? sides.Exp() * (1.0 / level.Stride) : sides.Relu(),
            centerness.call(isOriginal ? forClasses : forBoxes));
    }
}
