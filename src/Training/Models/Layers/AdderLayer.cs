using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>A square convolution, with "same" zero padding, that measures distances instead of multiplying. It has to be followed by a normalisation.</summary>
/// <remarks>
/// Chen et al., "AdderNet: do we really need multiplications in deep learning?", CVPR 2020; see <see cref="AdderConvolution"/>. <c>weight</c> [D, C, k, k] from N(0, 1): weights of
/// the size that suits products would all be about as far from any input.
/// </remarks>
internal sealed class AdderLayer : nn.Module<TracedTensor, TracedTensor>, IAdderWeights
{
    private readonly Parameter weight;
    private readonly int stride;
    private readonly int padding;
    private readonly AdderGradient gradient;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="size">Side k of the kernel.</param>
    /// <param name="init">Fills the weights.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="gradient">What goes back through the layer.</param>
    public AdderLayer(int inputs, int outputs, int size, Initialisation init, int stride = 1, AdderGradient gradient = AdderGradient.Sign) : base(nameof(AdderLayer))
    {
        (this.stride, padding, this.gradient) = (stride, (size - 1) / 2, gradient);
        var values = empty(outputs, inputs, size, size);
        init.Normal(1)(values);
        weight = new Parameter(values);
        RegisterComponents();
    }

    public override TracedTensor forward(TracedTensor input) => input.AdderConv(weight, stride, padding, gradient);
}
