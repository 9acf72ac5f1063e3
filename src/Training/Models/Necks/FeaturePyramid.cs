using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;

namespace Serve.Training.Models.Necks;

/// <summary>Feature pyramid of levels of equal channels.</summary>
/// <remarks>
/// Lin et al., "Feature pyramid networks", CVPR 2017, section 3: 1x1 laterals, nearest upsampling, sums, 3x3 outputs, nothing between; see
/// <see cref="ExtraLevels"/> for what follows P5, and <see cref="PyramidForm"/> for what may be left out.
/// Keys: <c>lateral.0..</c> and <c>output.0..</c> (from the finest map on), <c>lateral_norm.0..</c> and <c>output_norm.0..</c> where there is a normalisation, and
/// <c>p6</c>, <c>p7</c> where these have weights.
/// </remarks>
internal sealed class FeaturePyramid : Neck
{
    private readonly ModuleList<ConvolutionLayer> lateral = [];
    private readonly ModuleList<NormLayer> lateral_norm = [];
    private readonly ModuleList<ConvolutionLayer> output = [];
    private readonly ModuleList<NormLayer> output_norm = [];
    private readonly ConvolutionLayer? p6;
    private readonly ConvolutionLayer? p7;
    private readonly NeckOptions options;
    private readonly int levels;

    /// <param name="options">Levels and channels.</param>
    /// <param name="inputs">Channels of C2, C3, C4, C5.</param>
    /// <param name="init">Fills the weights.</param>
    public FeaturePyramid(NeckOptions options, IReadOnlyList<int> inputs, Initialisation init) : base(nameof(FeaturePyramid))
    {
        this.options = options;
        levels = inputs.Count - FirstInput;
        for (var i = 0; i < levels; i++)
        {
            if (HasLateral(i))
                Add(lateral, lateral_norm, inputs[FirstInput + i], size: 1);
            if (HasOutput(i))
                Add(output, output_norm, Channels, size: 3);
        }

        if (options.Extra == ExtraLevels.ConvolutionFromOutput)
        {
            p6 = new ConvolutionLayer(Channels, Channels, 3, init.UniformFanIn, stride: 2);
            p7 = new ConvolutionLayer(Channels, Channels, 3, init.UniformFanIn, stride: 2);
        }

        Strides =
        [
            .. Backbone.Strides.Skip(FirstInput).Take(output.Count),
            .. options.Extra switch { ExtraLevels.MaxPool => [64], ExtraLevels.ConvolutionFromOutput => new[] { 64, 128 }, _ => [] },
        ];
        RegisterComponents();

        void Add(ModuleList<ConvolutionLayer> layers, ModuleList<NormLayer> norms, int channels, int size)
        {
            layers.Add(new ConvolutionLayer(channels, Channels, size, init.UniformFanIn, hasBias: options.Norm is not { LeavesBias: false }));
            if (options.Norm is { } norm)
                norms.Add(norm.Create(Channels));
        }
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
        for (var i = levels - 1; i >= 0; i--)
        {
            var merged = Merge(i, input[FirstInput + i], above);
            if (HasOutput(i))
                maps.Insert(0, Normalised(output_norm, i, output[i].call(merged)));
            above = merged;
        }

        if (options.Extra == ExtraLevels.MaxPool)
            maps.Add(maps[^1].MaxPool(1, stride: 2));
        if (p6 is not null && p7 is not null)
        {
            maps.Add(p6.call(maps[^1]));
            maps.Add(p7.call(options.ReluBeforeLast ? maps[^1].Relu() : maps[^1]));
        }

        return [.. Strides.Zip(maps, (stride, map) => new FeatureLevel(stride, map))];
    }

    private TracedTensor Merge(int i, TracedTensor map, TracedTensor? above)
    {
        if (!HasLateral(i))
            return above!.UpsampleTo(map);
        var place = i - (levels - lateral.Count);
        var side = Normalised(lateral_norm, place, lateral[place].call(map));
        return above is null || options.Form == PyramidForm.NoTopDown ? side : side + above.UpsampleTo(side);
    }

    private static TracedTensor Normalised(ModuleList<NormLayer> norms, int i, TracedTensor map) => norms.Count > 0 ? norms[i].call(map) : map;

    private bool HasLateral(int i) => options.Form != PyramidForm.NoLateral || i == levels - 1;

    private bool HasOutput(int i) => options.Form != PyramidForm.FinestOnly || i == 0;
}
