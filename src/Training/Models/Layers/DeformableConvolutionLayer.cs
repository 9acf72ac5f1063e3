using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>A square convolution with "same" zero padding whose taps are moved by offsets that another convolution predicts.</summary>
/// <remarks>
/// Dai et al., "Deformable convolutional networks", ICCV 2017: one group, no modulation; the offsets start at zero, so that it starts as a plain convolution.
/// <c>weight</c> [D, C, k, k], where wanted <c>bias</c> [D], zeros at first, and <c>offset</c>, a convolution to 2 k k channels.
/// </remarks>
internal sealed class DeformableConvolutionLayer : nn.Module<TracedTensor, TracedTensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly ConvolutionLayer offset;
    private readonly int stride;
    private readonly int padding;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="size">Side k of the kernel.</param>
    /// <param name="initialise">Fills the weights; see <see cref="Initialisation"/>.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    public DeformableConvolutionLayer(int inputs, int outputs, int size, Action<Tensor> initialise, int stride = 1, bool hasBias = true)
        : base(nameof(DeformableConvolutionLayer))
    {
        (this.stride, padding) = (stride, (size - 1) / 2);
        var values = empty(outputs, inputs, size, size);
        initialise(values);
        weight = new Parameter(values);
        if (hasBias)
            bias = new Parameter(zeros(outputs));
        offset = new ConvolutionLayer(inputs, 2 * size * size, size, static weight => weight.zero_(), stride);
        RegisterComponents();
    }

    public override TracedTensor forward(TracedTensor input)
    {
        var sum = input.DeformableConv(offset.call(input), weight, stride, padding);
        return bias is null ? sum : sum + new TracedTensor(bias.view(1, -1, 1, 1));
    }

    /// <summary>The same weights without offsets.</summary>
    public TracedTensor Rigid(TracedTensor input) => input.Conv(weight, bias, stride, padding);
}
