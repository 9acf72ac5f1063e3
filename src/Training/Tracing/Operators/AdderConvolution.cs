using Serve.Training.Tracing.Onnx;
using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>What goes back through an adder layer, with D = x - weight of a tap.</summary>
public enum AdderGradient
{
    /// <summary>D to the weights, -sign(D) to the input: the detection study's.</summary>
    Sign,

    /// <summary>D to the weights, -D cut to -1..1 to the input: the adder network's first paper.</summary>
    HardTanh,

    /// <summary>sign(D) to the weights, -sign(D) to the input: the derivatives.</summary>
    Exact,
}

/// <summary>Convolution that measures distances instead of multiplying.</summary>
/// <remarks>
/// Chen et al., "AdderNet: do we really need multiplications in deep learning?", CVPR 2020: y = -sum |x - w| over the taps of a window, zeros of the padding
/// included. Letters: P positions of all images, C channels in, D channels out.
/// </remarks>
public static class AdderConvolution
{
    /// <summary>Negative L1 distance between each window and each filter.</summary>
    /// <remarks>Needs memory for P (C + D) numbers at a time, not for P k k C D.</remarks>
    /// <param name="x">[B, C, H, W].</param>
    /// <param name="weight">[D, C, k, k].</param>
    /// <param name="stride">Step of the window, both ways.</param>
    /// <param name="padding">Zeros on each side.</param>
    /// <param name="gradient">What goes back.</param>
    /// <returns>[B, D, (H + 2 padding - k) / stride + 1, the same of W].</returns>
    public static TracedTensor AdderConv(this TracedTensor x, Tensor weight, int stride, int padding, AdderGradient gradient)
    {
        var windows = new AdderWindows(stride, padding, gradient);
        var value = is_grad_enabled() && (x.Value.requires_grad || weight.requires_grad)
            ? AdderFunction.apply(x.Value, weight, windows)
            : windows.Forward(x.Value, weight);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);

        tracer.Count(new OperationCount(0, 2 * value.numel() * weight.shape[1] * weight.shape[2] * weight.shape[3]));
        return tracer.Wrap(value, Record(tracer, x, weight, stride, padding, value.shape));
    }

    // The windows as rows [B, h, w, k k C]; then one filter after the other against them, as a scan: ONNX has no distance operator. Windows as channels took two to ten times as long in
    // ONNX Runtime 1.31 (sums across memory, and a pass for the absolute); eight filters at a time no less, with eight times the memory.
    private static string Record(Tracer tracer, TracedTensor x, Tensor weight, int stride, int padding, long[] shape)
    {
        var size = weight.shape[2];
        using var zero = tensor(0f);
        var input = tracer.NameOf(x);
        var padded = padding == 0 ? input : tracer.Add("Pad", [input, tracer.Constant(0, 0, padding, padding, 0, 0, padding, padding), tracer.Constant(zero)]);
        padded = tracer.Add("Transpose", [padded], Attributes.Of("perm", 0, 2, 3, 1));
        var taps = new List<string>();
        for (var row = 0L; row < size; row++)
        {
            for (var column = 0L; column < size; column++)
            {
                // A window's last start is where it still fits: the slice ends size - 1 - row before the end.
                string[] slice =
                [
                    padded, tracer.Constant(row, column), tracer.Constant(End(row), End(column)), tracer.Constant(1, 2), tracer.Constant(stride, stride),
                ];
                taps.Add(tracer.Add("Slice", slice));
            }
        }

        var windows = taps.Count == 1 ? taps[0] : tracer.Add("Concat", [.. taps], Attributes.Of("axis", 3));
        var filters = tracer.Add("Transpose", [tracer.Constant(weight)], Attributes.Of("perm", 0, 2, 3, 1)); // [D, k, k, C]
        filters = tracer.Add("Reshape", [filters, tracer.Constant(shape[1], size * size * weight.shape[1])]);
        var distances = tracer.Add("Scan", [filters], Attributes.Of("num_scan_inputs", 1L), Attributes.Of("body", Body(tracer, windows)));
        return tracer.Add("Transpose", [tracer.Add("Neg", [distances])], Attributes.Of("perm", 1, 0, 2, 3));

        long End(long start) => start == size - 1 ? long.MaxValue : start - size + 1;
    }

    // filter [k k C] -> distances [B, h, w]; the windows come from the outer graph.
    private static GraphProto Body(Tracer tracer, string windows)
    {
        var body = new GraphProto { Name = $"{windows}.distance" };
        body.Input.Add(new ValueInfoProto { Name = $"{windows}.filter" });
        body.Node.Add(Node("Sub", "difference", windows, $"{windows}.filter"));
        var sum = Node("ReduceL1", "sum", $"{windows}.difference", tracer.Constant(-1));
        sum.Attribute.Add(Attributes.Of("keepdims", 0L));
        body.Node.Add(sum);
        body.Output.Add(new ValueInfoProto { Name = $"{windows}.sum" });
        return body;

        NodeProto Node(string operation, string output, params string[] inputs)
            => new() { Name = $"{windows}.{output}", OpType = operation, Input = { inputs }, Output = { $"{windows}.{output}" } };
    }
}
