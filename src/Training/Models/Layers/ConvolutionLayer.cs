using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>A square convolution with "same" zero padding, (k - 1) / 2.</summary>
/// <remarks><c>weight</c> [D, C, k, k] and, where wanted, <c>bias</c> [D], zeros at first.</remarks>
internal sealed class ConvolutionLayer : nn.Module<TracedTensor, TracedTensor>, IComputeType
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly int stride;
    private readonly int padding;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="size">Side k of the kernel.</param>
    /// <param name="initialise">Fills the weights; see <see cref="Initialisation"/>.</param>
    /// <param name="stride">Step of the window.</param>
    /// <param name="hasBias">False where a normalisation follows that has its own shift.</param>
    public ConvolutionLayer(int inputs, int outputs, int size, Action<Tensor> initialise, int stride = 1, bool hasBias = true) : base(nameof(ConvolutionLayer))
    {
        (this.stride, padding) = (stride, (size - 1) / 2);
        var values = empty(outputs, inputs, size, size);
        initialise(values);
        weight = new Parameter(values);
        if (hasBias)
            bias = new Parameter(zeros(outputs));
        RegisterComponents();
    }

    /// <summary>Sets every element of the bias.</summary>
    public void FillBias(double value)
    {
        using var _ = no_grad();
        bias!.fill_(value);
    }

    public ScalarType ComputeType { get; set; } = ScalarType.Float32;

    public override TracedTensor forward(TracedTensor input) => this.Multiply(input, weight, bias, (x, w, b) => x.Conv(w, b, stride, padding));
}
