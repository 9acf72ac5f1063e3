using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Backbones;

/// <summary>Makes the layers of residual blocks, so that one block serves networks of several kinds of layers.</summary>
/// <param name="Convolution">A layer in the place of a convolution without bias: channels in, channels out, side of the kernel, stride.</param>
/// <param name="Norm">What follows each.</param>
internal sealed record LayerFactory(Func<int, int, int, int, nn.Module<TracedTensor, TracedTensor>> Convolution, Norm Norm)
{
    /// <summary>Convolutions, filled for ReLU (He, fan-out).</summary>
    public static LayerFactory Convolutions(Norm norm, Initialisation init)
        => new((inputs, outputs, size, stride) => new ConvolutionLayer(inputs, outputs, size, init.HeNormalFanOut, stride, hasBias: norm.LeavesBias), norm);

    /// <summary>The same where larger kernels than 1x1 are deformable.</summary>
    public static LayerFactory Deformable(Norm norm, Initialisation init)
        => new(
            (inputs, outputs, size, stride) => size == 1
                ? new ConvolutionLayer(inputs, outputs, size, init.HeNormalFanOut, stride, hasBias: norm.LeavesBias)
                : new DeformableConvolutionLayer(inputs, outputs, size, init.HeNormalFanOut, stride, hasBias: norm.LeavesBias),
            norm);

    /// <summary>Adder layers.</summary>
    public static LayerFactory Adders(Norm norm, Initialisation init, AdderGradient gradient)
        => new((inputs, outputs, size, stride) => new AdderLayer(inputs, outputs, size, init, stride, gradient), norm);

    /// <summary>The layers of a stage.</summary>
    /// <param name="options">The backbone.</param>
    /// <param name="stage">2 for the first stage of blocks, which makes C2, and so on.</param>
    /// <param name="init">Fills the weights.</param>
    public static LayerFactory OfStage(BackboneOptions options, int stage, Initialisation init)
        => options.Kind == BackboneKind.Adder ? Adders(options.Norm, init, options.AdderGradient)
            : options.DeformableStages.Contains(stage) ? Deformable(options.Norm, init)
            : Convolutions(options.Norm, init);
}
