using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>A head on boxes that begins with 3x3 convolutions, each with a normalisation where wanted and a ReLU.</summary>
/// <remarks>He's normal fill. Keys: <c>conv.0..</c> and <c>norm.0..</c> where there are any, then those of the derived class.</remarks>
internal abstract class ConvolutionalHead : nn.Module<TracedTensor, TracedTensor>
{
    private readonly ModuleList<ConvolutionLayer> conv = [];
    private readonly ModuleList<NormLayer> norm = [];

    /// <param name="name">Name of the class.</param>
    /// <param name="inputs">Channels of the boxes' features.</param>
    /// <param name="count">How many convolutions.</param>
    /// <param name="channels">Their channels.</param>
    /// <param name="kind">What follows each, which then has no bias of its own; null for nothing.</param>
    /// <param name="init">Fills the weights.</param>
    protected ConvolutionalHead(string name, int inputs, int count, int channels, Norm? kind, Initialisation init) : base(name)
    {
        for (var i = 0; i < count; i++)
        {
            conv.Add(new ConvolutionLayer(i == 0 ? inputs : channels, channels, 3, init.HeNormalFanOut, hasBias: kind is not { LeavesBias: false }));
            if (kind is not null)
                norm.Add(kind.Create(channels));
        }

        // By hand: RegisterComponents sees the fields of the derived class alone.
        register_module(nameof(conv), conv);
        register_module(nameof(norm), norm);
        Convolved = count == 0 ? inputs : channels;
    }

    /// <summary>Channels of what <see cref="Convolve"/> gives.</summary>
    protected int Convolved { get; }

    /// <summary>The convolutions.</summary>
    /// <param name="x">[T, C, size, size] features of T boxes.</param>
    protected TracedTensor Convolve(TracedTensor x)
    {
        for (var i = 0; i < conv.Count; i++)
        {
            x = conv[i].call(x);
            x = (norm.Count > 0 ? norm[i].call(x) : x).Relu();
        }

        return x;
    }
}
