using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
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
}
