using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Boxes;

/// <summary>Turns boxes into regression targets relative to reference boxes, and back.</summary>
/// <remarks>
/// Girshick et al., "Rich feature hierarchies", 2014, appendix C; targets times weights, so that each has about unit variance. A reference box without area has no
/// targets: callers replace rows that do not count by a unit box before they encode, since what is not a number stays so when it is multiplied by zero afterwards.
/// </remarks>
/// <param name="x">Weight of the horizontal shift. Proposals use ones, box heads (10, 10, 5, 5).</param>
/// <param name="y">Weight of the vertical shift.</param>
/// <param name="w">Weight of the logarithm of the width's ratio.</param>
/// <param name="h">Weight of the logarithm of the height's ratio.</param>
public sealed class BoxCoder(double x, double y, double w, double h)
{
    // exp(dw) can overflow early in training; growth from 16 to 1000 pixels is enough.
    private static readonly double MaxLogScale = Math.Log(1000.0 / 16);

    /// <summary>A coder that divides targets by their standard deviations instead: (0.1, 0.1, 0.2, 0.2) stands for weights of (10, 10, 5, 5).</summary>
    public static BoxCoder FromStd(double x, double y, double w, double h) => new(1 / x, 1 / y, 1 / w, 1 / h);

    /// <summary>Targets of boxes relative to reference boxes.</summary>
    /// <param name="boxes">[..., 4] xyxy, sides above 0.</param>
    /// <param name="targets">[..., 4] xyxy, same pixels, sides above 0.</param>
    /// <returns>[..., 4] (dx, dy, dw, dh), moved to the caller's dispose scope.</returns>
    public Tensor Encode(Tensor boxes, Tensor targets)
    {
        using var scope = NewDisposeScope();
        var (from, to) = (boxes.unbind(-1), targets.unbind(-1));            // x1, y1, x2, y2
        var (width, height) = (from[2] - from[0], from[3] - from[1]);
        var dx = (to[0] + to[2] - from[0] - from[2]) / 2 / width * x;
        var dy = (to[1] + to[3] - from[1] - from[3]) / 2 / height * y;
        var dw = ((to[2] - to[0]) / width).log() * w;
        var dh = ((to[3] - to[1]) / height).log() * h;
        return stack([dx, dy, dw, dh], -1).MoveToOuterDisposeScope();
    }

    /// <summary>Applies deltas to reference boxes.</summary>
    /// <param name="deltas">[..., 4] (dx, dy, dw, dh), weighted.</param>
    /// <param name="boxes">The same shape, xyxy.</param>
    /// <returns>The same shape, xyxy, not clipped; moved to the caller's dispose scope.</returns>
    public Tensor Decode(Tensor deltas, Tensor boxes)
    {
        using var scope = NewDisposeScope();
        return Decode(new TracedTensor(deltas), new TracedTensor(boxes)).Value.MoveToOuterDisposeScope();
    }

    /// <summary>Applies deltas to reference boxes. Traced.</summary>
    /// <param name="deltas">[..., 4] (dx, dy, dw, dh), weighted.</param>
    /// <param name="boxes">The same shape, xyxy.</param>
    /// <returns>The same shape, xyxy, not clipped.</returns>
    public TracedTensor Decode(TracedTensor deltas, TracedTensor boxes)
    {
        var last = (int)deltas.Value.dim() - 1;
        var (start, end) = (boxes.Slice(last, 0, 2), boxes.Slice(last, 2, 4));
        var size = end - start;
        var shift = deltas.Slice(last, 0, 2) / Constant(deltas, x, y);
        var growth = (deltas.Slice(last, 2, 4) / Constant(deltas, w, h)).Clamp(upper: MaxLogScale);
        var centre = (start + end) * 0.5 + shift * size;
        var half = growth.Exp() * size * 0.5;
        return Shapes.Concat(last, centre - half, centre + half);
    }

    private static TracedTensor Constant(TracedTensor like, double a, double b) => new(tensor(new[] { (float)a, (float)b }, device: like.Value.device));
}
