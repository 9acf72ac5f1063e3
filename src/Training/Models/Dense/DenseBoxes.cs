using Serve.Training.Boxes;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Dense;

/// <summary>Turns the box predictions of anchors into boxes; the same in the losses and in the export. Traced.</summary>
internal static class DenseBoxes
{
    /// <summary>RetinaNet's shifts are unscaled.</summary>
    public static BoxCoder RetinaCoder { get; } = new(1, 1, 1, 1);

    /// <summary>ATSS divides shifts by their standard deviations.</summary>
    public static BoxCoder AtssCoder { get; } = BoxCoder.FromStd(0.1, 0.1, 0.2, 0.2);

    /// <summary>Boxes of anchors.</summary>
    /// <param name="predictions">[B, n, R], see <see cref="DenseLevel.Boxes"/>.</param>
    /// <param name="anchors">[B, n, 4] or [1, n, 4] xyxy, input pixels.</param>
    /// <param name="stride">Scalar or [n, 1], input pixels.</param>
    /// <param name="options">What the predictions are.</param>
    /// <returns>[B, n, 4] xyxy, input pixels, not clipped.</returns>
    public static TracedTensor Decode(TracedTensor predictions, TracedTensor anchors, TracedTensor stride, DenseOptions options) => options.Kind switch
    {
        DenseKind.Retina => RetinaCoder.Decode(predictions, anchors),
        DenseKind.Atss => AtssCoder.Decode(predictions, anchors),
        _ => FromDistances(Distances(predictions, options.LargestDistance) * stride, anchors),
    };

    /// <summary>The mean of each side's distribution. Li et al., "Generalized focal loss", NeurIPS 2020, equation 5.</summary>
    /// <param name="logits">[B, n, 4 (m + 1)].</param>
    /// <param name="largest">The last bin, m.</param>
    /// <returns>[B, n, 4] left, top, right, bottom, in bins.</returns>
    public static TracedTensor Distances(TracedTensor logits, int largest)
    {
        var bins = new TracedTensor(arange(largest + 1, dtype: float32, device: logits.Value.device));
        return (logits.Reshape(0, -1, 4, largest + 1).Softmax(3) * bins).Sum(3);
    }

    private static TracedTensor FromDistances(TracedTensor distances, TracedTensor anchors)
    {
        var centres = (anchors.Slice(2, 0, 2) + anchors.Slice(2, 2)) * 0.5;
        return Shapes.Concat(2, centres - distances.Slice(2, 0, 2), centres + distances.Slice(2, 2));
    }
}
