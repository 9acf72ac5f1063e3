using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;

namespace Serve.Training.Models.Necks;

/// <summary>One map of the backbone through the two convolutions that a pyramid has beside each map: what a feature pyramid is compared with.</summary>
/// <remarks>
/// The paper's own baseline predicts from C4 with the backbone's last stage as head; here heads are the pyramid's, so that only the pyramid differs.
/// Keys: <c>lateral</c>, <c>output</c>, and <c>lateral_norm</c>, <c>output_norm</c> where there is a normalisation.
/// </remarks>
internal sealed class SingleMap : Neck
{
    private readonly ConvolutionLayer lateral;
    private readonly NormLayer? lateral_norm;
    private readonly ConvolutionLayer output;
    private readonly NormLayer? output_norm;
    private readonly int index;

    /// <param name="options">Level, channels and normalisation.</param>
    /// <param name="inputs">Channels of C2, C3, C4, C5.</param>
    /// <param name="init">Fills the weights.</param>
    public SingleMap(NeckOptions options, IReadOnlyList<int> inputs, Initialisation init) : base(nameof(SingleMap))
    {
        (index, Channels) = (options.FirstLevel - 2, options.Channels);
        var hasBias = options.Norm is not { LeavesBias: false };
        lateral = new ConvolutionLayer(inputs[index], Channels, 1, init.UniformFanIn, hasBias: hasBias);
        lateral_norm = options.Norm?.Create(Channels);
        output = new ConvolutionLayer(Channels, Channels, 3, init.UniformFanIn, hasBias: hasBias);
        output_norm = options.Norm?.Create(Channels);
        Strides = [Backbone.Strides[index]];
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Strides { get; }

    /// <inheritdoc/>
    public override int Channels { get; }

    /// <summary>The one level.</summary>
    /// <param name="input">C2, C3, C4, C5.</param>
    public override IReadOnlyList<FeatureLevel> forward(IReadOnlyList<TracedTensor> input)
    {
        var side = Normalised(lateral_norm, lateral.call(input[index]));
        return [new FeatureLevel(Strides[0], Normalised(output_norm, output.call(side)))];
    }

    private static TracedTensor Normalised(NormLayer? norm, TracedTensor map) => norm?.call(map) ?? map;
}
