using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Necks;

/// <summary>A convolution over the levels of a pyramid as well as over each level's cells: every level sums what comes from itself and from its two neighbours.</summary>
/// <remarks>
/// Wang et al., "Scale-equalizing pyramid convolution for object detection", CVPR 2020, equation 2, in its authors' code: three 3x3 convolutions shared by all levels. From the
/// finer level with a stride of 2, from the coarser one with linear upsampling (corners aligned); then the normalisation where there is one, and a ReLU.
/// Keys: <c>mid</c>, <c>up</c>, <c>down</c>, <c>norm</c>.
/// </remarks>
internal sealed class PyramidConvolution : nn.Module<IReadOnlyList<TracedTensor>, IReadOnlyList<TracedTensor>>
{
    private readonly ConvolutionLayer mid;
    private readonly ConvolutionLayer up;
    private readonly ConvolutionLayer down;
    private readonly IntegratedNorm? norm;

    /// <param name="channels">Channels of every level.</param>
    /// <param name="isNormalised">Whether a normalisation of all levels follows.</param>
    /// <param name="init">Fills the weights.</param>
    public PyramidConvolution(int channels, bool isNormalised, Initialisation init) : base(nameof(PyramidConvolution))
    {
        var normal = init.Normal(0.01);
        mid = new ConvolutionLayer(channels, channels, 3, normal);
        up = new ConvolutionLayer(channels, channels, 3, normal, stride: 2);
        down = new ConvolutionLayer(channels, channels, 3, normal);
        norm = isNormalised ? new IntegratedNorm(channels) : null;
        RegisterComponents();
    }

    /// <summary>The levels, finest first.</summary>
    /// <param name="input">[B, C, h, w]s, each about half as large as the one before.</param>
    public override IReadOnlyList<TracedTensor> forward(IReadOnlyList<TracedTensor> input)
    {
        var sums = new List<TracedTensor>();
        for (var i = 0; i < input.Count; i++)
        {
            var sum = mid.call(input[i]);
            if (i > 0)
                sum += up.call(input[i - 1]);
            if (i < input.Count - 1)
                sum += down.call(input[i + 1]).ResizeTo(sum, alignCorners: true);
            sums.Add(sum);
        }

        return [.. (norm?.call(sums) ?? sums).Select(map => map.Relu())];
    }
}
