using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>Turns the features of each box into one vector.</summary>
/// <remarks>
/// Lin et al., "Feature Pyramid Networks", CVPR 2017, section 4.2: two fully connected layers; with convolutions before them as in Wu and He, "Group
/// Normalization", ECCV 2018, section 4.2. Convolutions start from He's normal fill, the others uniform by fan-in.
/// Keys: <c>conv.0..3</c> and <c>norm.0..3</c> where there are any, <c>fc.0</c>, <c>fc.1</c>.
/// </remarks>
internal sealed class BoxHead : nn.Module<TracedTensor, TracedTensor>
{
    private const int Convolutions = 4;

    private readonly ModuleList<ConvolutionLayer> conv = [];
    private readonly ModuleList<NormLayer> norm = [];
    private readonly ModuleList<LinearLayer> fc = [];

    /// <param name="channels">Channels of the boxes' features.</param>
    /// <param name="options">What it is made of.</param>
    /// <param name="init">Fills the weights.</param>
    public BoxHead(int channels, BoxHeadOptions options, Initialisation init) : base(nameof(BoxHead))
    {
        for (var i = 0; options.Kind != BoxHeadKind.TwoFc && i < Convolutions; i++)
        {
            conv.Add(new ConvolutionLayer(channels, options.Channels, 3, init.HeNormalFanOut, hasBias: options.Norm is null));
            if (options.Norm is { } kind)
                norm.Add(kind.Create(options.Channels));
            channels = options.Channels;
        }

        var inputs = channels * options.PoolSize * options.PoolSize;
        for (var i = 0; i < (options.Kind == BoxHeadKind.FourConvOneFc ? 1 : 2); i++)
        {
            fc.Add(new LinearLayer(inputs, options.Width, init.UniformFanIn));
            inputs = options.Width;
        }

        RegisterComponents();
    }

    /// <param name="input">[T, C, size, size] features of T boxes.</param>
    /// <returns>[T, width].</returns>
    public override TracedTensor forward(TracedTensor input)
    {
        var x = input;
        for (var i = 0; i < conv.Count; i++)
        {
            x = conv[i].call(x);
            x = (norm.Count > 0 ? norm[i].call(x) : x).Relu();
        }

        return fc.Aggregate(x.Reshape(0, -1), (features, layer) => layer.call(features).Relu());
    }
}
