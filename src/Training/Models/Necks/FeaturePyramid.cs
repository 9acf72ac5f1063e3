using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;

namespace Serve.Training.Models.Necks;

/// <summary>Feature pyramid of levels of equal channels.</summary>
/// <remarks>
/// Lin et al., "Feature pyramid networks", CVPR 2017, section 3: 1x1 laterals, nearest upsampling, sums, 3x3 outputs, nothing between; see
/// <see cref="ExtraLevels"/> for what follows P5.
/// Keys: <c>lateral.0..</c> and <c>output.0..</c> (from the finest map on), and <c>p6</c>, <c>p7</c> where these have weights.
/// </remarks>
internal sealed class FeaturePyramid : Neck
{
    private readonly ModuleList<ConvolutionLayer> lateral = [];
    private readonly ModuleList<ConvolutionLayer> output = [];
    private readonly ConvolutionLayer? p6;
    private readonly ConvolutionLayer? p7;
    private readonly NeckOptions options;

    /// <param name="options">Levels and channels.</param>
    /// <param name="inputs">Channels of C2, C3, C4, C5.</param>
    /// <param name="init">Fills the weights.</param>
    public FeaturePyramid(NeckOptions options, IReadOnlyList<int> inputs, Initialisation init) : base(nameof(FeaturePyramid))
    {
        this.options = options;
        foreach (var count in inputs.Skip(FirstInput))
        {
            lateral.Add(new ConvolutionLayer(count, Channels, 1, init.UniformFanIn));
            output.Add(new ConvolutionLayer(Channels, Channels, 3, init.UniformFanIn));
        }

        if (options.Extra == ExtraLevels.ConvolutionFromOutput)
        {
            p6 = new ConvolutionLayer(Channels, Channels, 3, init.UniformFanIn, stride: 2);
            p7 = new ConvolutionLayer(Channels, Channels, 3, init.UniformFanIn, stride: 2);
        }

        Strides =
        [
            .. Backbone.Strides.Skip(FirstInput),
            .. options.Extra switch { ExtraLevels.MaxPool => [64], ExtraLevels.ConvolutionFromOutput => new[] { 64, 128 }, _ => [] },
        ];
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Strides { get; }

    /// <inheritdoc/>
    public override int Channels => options.Channels;

    private int FirstInput => options.FirstLevel - 2;

    /// <summary>The levels, finest first.</summary>
    /// <param name="input">C2, C3, C4, C5.</param>
    public override IReadOnlyList<FeatureLevel> forward(IReadOnlyList<TracedTensor> input)
    {
        var maps = new List<TracedTensor>();
        TracedTensor? above = null;
        for (var i = lateral.Count - 1; i >= 0; i--)
        {
            var merged = lateral[i].call(input[FirstInput + i]);
            if (above is not null)
                merged += above.UpsampleTo(merged);
            maps.Insert(0, output[i].call(merged));
            above = merged;
        }

        if (options.Extra == ExtraLevels.MaxPool)
            maps.Add(maps[^1].MaxPool(1, stride: 2));
        if (p6 is not null && p7 is not null)
        {
            maps.Add(p6.call(maps[^1]));
            maps.Add(p7.call(maps[^1].Relu()));
        }

        return [.. Strides.Zip(maps, (stride, map) => new FeatureLevel(stride, map))];
    }
}
