using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>A matrix product on rows [S, C], and a bias: "fully connected".</summary>
/// <remarks><c>weight</c> [D, C] and <c>bias</c> [D], zeros at first.</remarks>
internal sealed class LinearLayer : nn.Module<TracedTensor, TracedTensor>, IComputeType
{
    private readonly Parameter weight;
    private readonly Parameter bias;

    /// <param name="inputs">Numbers in.</param>
    /// <param name="outputs">Numbers out.</param>
    /// <param name="initialise">Fills the weights; see <see cref="Initialisation"/>.</param>
    public LinearLayer(int inputs, int outputs, Action<Tensor> initialise) : base(nameof(LinearLayer))
    {
        var values = empty(outputs, inputs);
        initialise(values);
        (weight, bias) = (new Parameter(values), new Parameter(zeros(outputs)));
        RegisterComponents();
    }

    public ScalarType ComputeType { get; set; } = ScalarType.Float32;

    public override TracedTensor forward(TracedTensor input) => this.Multiply(input, weight, bias, Products.Linear);
}
