using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>A square transposed convolution whose windows touch and do not overlap: a map becomes k times as wide and high.</summary>
/// <remarks><c>weight</c> [C, D, k, k] and <c>bias</c> [D], zeros at first.</remarks>
internal sealed class TransposedConvolutionLayer : nn.Module<TracedTensor, TracedTensor>, IComputeType
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly int size;

    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="size">Side k of the kernel, and its stride.</param>
    /// <param name="initialise">Fills the weights; see <see cref="Initialisation"/>.</param>
    public TransposedConvolutionLayer(int inputs, int outputs, int size, Action<Tensor> initialise) : base(nameof(TransposedConvolutionLayer))
    {
        this.size = size;
        var values = empty(inputs, outputs, size, size);
        initialise(values);
        (weight, bias) = (new Parameter(values), new Parameter(zeros(outputs)));
        RegisterComponents();
    }

    public ScalarType ComputeType { get; set; } = ScalarType.Float32;

    public override TracedTensor forward(TracedTensor input) => this.Multiply(input, weight, bias, (x, w, b) => x.ConvTranspose(w, b, stride: size));
}
