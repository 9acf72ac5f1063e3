using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models;

/// <summary>Feature pyramid P3..P7 of equal channels, strides 8 to 128.</summary>
/// <remarks>
/// Lin et al., "Feature pyramid networks", CVPR 2017, section 3: 1x1 laterals, nearest upsampling, sums, 3x3 outputs, nothing between. P6 and P7 as in
/// FCOS: 3x3 convolutions of stride 2 from P5, a ReLU before P7's.
/// Keys: <c>lateral.0..2</c> and <c>output.0..2</c> (from C3..C5), <c>p6</c>, <c>p7</c>.
/// </remarks>
internal sealed class FeaturePyramid : nn.Module<IReadOnlyList<TracedTensor>, IReadOnlyList<TracedTensor>>
{
    private readonly ModuleList<ConvolutionLayer> lateral = [];
    private readonly ModuleList<ConvolutionLayer> output = [];
    private readonly ConvolutionLayer p6;
    private readonly ConvolutionLayer p7;

    /// <param name="inputs">Channels of C3, C4, C5.</param>
    /// <param name="channels">Channels of each pyramid level.</param>
    /// <param name="init">Fills the weights.</param>
    public FeaturePyramid(IReadOnlyList<int> inputs, int channels, Initialisation init) : base(nameof(FeaturePyramid))
    {
        foreach (var count in inputs)
        {
            lateral.Add(new ConvolutionLayer(count, channels, 1, init.UniformFanIn));
            output.Add(new ConvolutionLayer(channels, channels, 3, init.UniformFanIn));
        }

        p6 = new ConvolutionLayer(channels, channels, 3, init.UniformFanIn, stride: 2);
        p7 = new ConvolutionLayer(channels, channels, 3, init.UniformFanIn, stride: 2);
        RegisterComponents();
    }

    /// <summary>Pixels of the input between two cells of P3, P4, P5, P6, P7.</summary>
    public static IReadOnlyList<int> Strides { get; } = [8, 16, 32, 64, 128];

    /// <summary>P3 to P7.</summary>
    /// <param name="input">C3, C4, C5.</param>
    public override IReadOnlyList<TracedTensor> forward(IReadOnlyList<TracedTensor> input)
    {
        var levels = new TracedTensor[Strides.Count];
        TracedTensor? above = null;
        for (var i = input.Count - 1; i >= 0; i--)
        {
            var merged = lateral[i].call(input[i]);
            if (above is not null)
                merged += above.UpsampleTo(merged);
            levels[i] = output[i].call(merged);
            above = merged;
        }

        levels[3] = p6.call(levels[2]);
        levels[4] = p7.call(levels[3].Relu());
        return levels;
    }
}
