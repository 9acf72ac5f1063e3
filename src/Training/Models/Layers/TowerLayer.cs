using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Layers;

/// <summary>A layer of a head's tower: 3x3 convolution, normalisation where wanted, ReLU.</summary>
/// <remarks>Keys: <c>conv</c>, <c>norm</c>.</remarks>
internal sealed class TowerLayer : nn.Module<TracedTensor, TracedTensor>
{
    private readonly ConvolutionLayer conv;
    private readonly NormLayer? norm;

    /// <param name="channels">Channels in and out.</param>
    /// <param name="norm">Normalisation after the convolution; null for none.</param>
    /// <param name="hasBias">Whether the convolution has a bias.</param>
    /// <param name="initialise">Fills the weights.</param>
    public TowerLayer(int channels, Norm? norm, bool hasBias, Action<Tensor> initialise) : base(nameof(TowerLayer))
    {
        conv = new ConvolutionLayer(channels, channels, 3, initialise, hasBias: hasBias);
        this.norm = norm?.Create(channels);
        RegisterComponents();
    }

    public override TracedTensor forward(TracedTensor input)
    {
        var x = conv.call(input);
        return (norm?.call(x) ?? x).Relu();
    }
}
