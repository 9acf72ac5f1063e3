using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;

namespace Serve.Training.Models.Rcnn;

/// <summary>Turns the features of each box into one vector.</summary>
/// <remarks>
/// Lin et al., "Feature Pyramid Networks", CVPR 2017, section 4.2: two fully connected layers; with convolutions before them as in Wu and He, "Group
/// Normalization", ECCV 2018, section 4.2. Convolutions start from He's normal fill, the others uniform by fan-in.
/// Keys: <c>conv.0..3</c> and <c>norm.0..3</c> where there are any, <c>fc.0</c>, <c>fc.1</c>.
/// </remarks>
internal sealed class BoxHead : ConvolutionalHead
{
    private const int Convolutions = 4;

    private readonly ModuleList<LinearLayer> fc = [];
    private readonly int pooled;

    /// <param name="channels">Channels of the boxes' features.</param>
    /// <param name="options">What it is made of.</param>
    /// <param name="init">Fills the weights.</param>
    public BoxHead(int channels, BoxHeadOptions options, Initialisation init)
        : base(nameof(BoxHead), channels, options.Kind == BoxHeadKind.TwoFc ? 0 : Convolutions, options.Channels, options.Norm, init)
    {
        pooled = Convolved * options.PoolSize * options.PoolSize;
        var inputs = pooled;
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
        => fc.Aggregate(Convolve(input).Reshape(-1, pooled), (features, layer) => layer.call(features).Relu());
}
