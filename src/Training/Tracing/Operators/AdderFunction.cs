using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>The eager side of an adder layer: one tap of the kernel at a time, as a distance between two lists of points.</summary>
internal sealed record AdderWindows(int Stride, int Padding, AdderGradient Gradient)
{
    // Numbers in the temporary of a hard-tanh gradient.
    private const long ChunkSize = 1 << 23;

    public Tensor Forward(Tensor x, Tensor weight)
    {
        using var scope = NewDisposeScope();
        var padded = Padded(x);
        var (images, height, width) = (x.shape[0], Cells(x.shape[2], weight.shape[2]), Cells(x.shape[3], weight.shape[2]));
        var sum = zeros(images * height * width, weight.shape[0], device: x.device);
        for (var tap = 0L; tap < weight.shape[2] * weight.shape[2]; tap++)
        {
            using var one = NewDisposeScope();
            sum.sub_(cdist(Window(padded, weight, tap, height, width), Filters(weight, tap), p: 1));
        }

        return sum.view(images, height, width, -1).permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope();
    }

    public (Tensor OfInput, Tensor OfWeight) Backward(Tensor x, Tensor weight, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var padded = Padded(x);
        var (height, width) = (gradient.shape[2], gradient.shape[3]);
        var g = gradient.permute(0, 2, 3, 1).reshape(-1, gradient.shape[1]); // [P, D]
        var total = g.sum(0L).unsqueeze(1);                                  // [D, 1]
        var ofPadded = zeros_like(padded);
        var ofWeight = zeros_like(weight);
        for (var tap = 0L; tap < weight.shape[2] * weight.shape[2]; tap++)
        {
            using var one = NewDisposeScope();
            var (points, filters) = (Window(padded, weight, tap, height, width), Filters(weight, tap)); // [P, C], [D, C]
            var (ofPoints, ofFilters) = Gradient == AdderGradient.HardTanh ? (HardTanh(points, filters, g), null) : Signs(points, filters, g);
            Slice(ofPadded, weight, tap, height, width).add_(ofPoints.view(x.shape[0], height, width, -1));
            Filters(ofWeight, tap).copy_(Gradient == AdderGradient.Exact ? ofFilters! : g.t().mm(points) - filters * total);
        }

        var inner = ofPadded.narrow(1, Padding, x.shape[2]).narrow(2, Padding, x.shape[3]);
        return (inner.permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope(), ofWeight.MoveToOuterDisposeScope());
    }

    // The derivatives of -cdist, whose own kernels need no temporary of [P, D, C].
    private (Tensor OfPoints, Tensor? OfFilters) Signs(Tensor points, Tensor filters, Tensor g)
    {
        using var _ = enable_grad();
        var (from, to) = (points.detach().requires_grad_(), filters.detach().requires_grad_(Gradient == AdderGradient.Exact));
        var gradients = autograd.grad([cdist(from, to, p: 1)], to.requires_grad ? [from, to] : [from], [g.neg()]);
        return (gradients[0], gradients.ElementAtOrDefault(1));
    }

    private static Tensor HardTanh(Tensor points, Tensor filters, Tensor g)
    {
        var sum = zeros_like(points);
        var step = (int)Math.Max(1, ChunkSize / Math.Max(1, points.numel()));
        for (var first = 0L; first < filters.shape[0]; first += step)
        {
            using var chunk = NewDisposeScope();
            var count = Math.Min(step, filters.shape[0] - first);
            var cut = (points.unsqueeze(1) - filters.narrow(0, first, count)).clamp_(-1, 1);           // [P, step, C]
            sum.sub_(g.narrow(1, first, count).unsqueeze(1).bmm(cut).squeeze(1));
        }

        return sum;
    }

    private long Cells(long length, long size) => (length + 2 * Padding - size) / Stride + 1;

    // [B, H, W, C], so that the points of a tap are rows.
    private Tensor Padded(Tensor x) => nn.functional.pad(x.detach().permute(0, 2, 3, 1), [0L, 0, Padding, Padding, Padding, Padding]).contiguous();

    private static Tensor Filters(Tensor weight, long tap) => weight.detach().select(3, tap % weight.shape[3]).select(2, tap / weight.shape[3]);

    private Tensor Window(Tensor padded, Tensor weight, long tap, long height, long width)
        => Slice(padded, weight, tap, height, width).reshape(-1, padded.shape[3]);

    private Tensor Slice(Tensor padded, Tensor weight, long tap, long height, long width)
    {
        var (row, column) = (tap / weight.shape[3], tap % weight.shape[3]);
        return padded.slice(1, row, row + (height - 1) * Stride + 1, Stride).slice(2, column, column + (width - 1) * Stride + 1, Stride);
    }
}

/// <summary>An adder layer for autograd, which keeps the input and the weights, not the windows.</summary>
/// <remarks>An exception in <see cref="backward"/> ends the process: what could fail is done in <see cref="forward"/> first.</remarks>
internal sealed class AdderFunction : autograd.SingleTensorFunction<AdderFunction>
{
    public override string Name => nameof(AdderFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (x, weight, windows) = ((Tensor)vars[0], (Tensor)vars[1], (AdderWindows)vars[2]);
        ctx.save_for_backward([x, weight]);
        ctx.save_data(nameof(AdderWindows), windows);
        return windows.Forward(x, weight);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var saved = ctx.get_saved_variables();
        var windows = (AdderWindows)ctx.get_data(nameof(AdderWindows));
        var (ofInput, ofWeight) = windows.Backward(saved[0], saved[1], grad_output);
        saved.ForEach(tensor => tensor.Dispose());
        return [ofInput, ofWeight, null!];
    }
}
