using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Rcnn;

/// <summary>Predicts a mask of each class from the features of each box.</summary>
/// <remarks>
/// He et al., "Mask R-CNN", ICCV 2017, section 3 and figure 4: 3x3 convolutions, a transposed one that doubles the map, a 1x1 to the classes; a normalisation only
/// after the 3x3 ones (Wu and He, "Group Normalization", ECCV 2018). He's normal fill, predictor N(0, 0.001).
/// Keys: <c>conv.0..</c>, <c>norm.0..</c> where there are any, <c>up</c>, <c>predictor</c>.
/// </remarks>
internal sealed class MaskHead : ConvolutionalHead
{
    private readonly TransposedConvolutionLayer up;
    private readonly ConvolutionLayer predictor;

    /// <param name="channels">Channels of the boxes' features.</param>
    /// <param name="categories">Number of classes K.</param>
    /// <param name="options">What it is made of.</param>
    /// <param name="init">Fills the weights.</param>
    public MaskHead(int channels, int categories, MaskHeadOptions options, Initialisation init)
        : base(nameof(MaskHead), channels, options.Convolutions, options.Channels, options.Norm, init)
    {
        up = new TransposedConvolutionLayer(Convolved, options.Channels, 2, init.HeNormalFanOut);
        predictor = new ConvolutionLayer(options.Channels, categories, 1, init.Normal(0.001));
        RegisterComponents();
    }

    /// <param name="input">[T, C, s, s] features of T boxes.</param>
    /// <returns>[T, K, 2s, 2s] logits.</returns>
    public override TracedTensor forward(TracedTensor input) => predictor.call(up.call(Convolve(input)).Relu());
}
