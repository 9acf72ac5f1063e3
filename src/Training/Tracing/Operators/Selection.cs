using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Operators that choose elements.</summary>
public static class Selection
{
    /// <summary>The largest values of each row, falling; of equal ones the first comes first.</summary>
    /// <param name="x">[B, N].</param>
    /// <param name="count">How many, at most N.</param>
    /// <returns>Values [B, min(count, N)] and their int64 positions in the row.</returns>
    public static (TracedTensor Values, TracedTensor Indices) TopK(this TracedTensor x, int count)
    {
        // TorchSharp's topk leaves the order of equal values open; the stable sort is ONNX's order.
        var length = (int)Math.Min(count, x.Value.shape[1]);
        var (sorted, order) = x.Value.sort(dim: 1, descending: true, stable: true);
        var (values, indices) = (sorted[.., ..length], order[.., ..length]);
        if (Tracer.Of(x) is not { } tracer)
            return (new(values), new(indices));

        var input = tracer.NameOf(x);
        var size = tracer.Add("Shape", [input], Attributes.Of("start", 1), Attributes.Of("end", 2));
        var limit = tracer.Add("Min", [size, tracer.Constant(count)]);
        var outputs = tracer.Add("TopK", 2, [input, limit], Attributes.Of("axis", 1));
        return (tracer.Wrap(values, outputs[0]), tracer.Wrap(indices, outputs[1]));
    }

    /// <summary>Rows of each image by their positions.</summary>
    /// <param name="x">[B, N, C].</param>
    /// <param name="indices">[B, k] int64, 0..N-1.</param>
    /// <returns>[B, k, C].</returns>
    public static TracedTensor GatherRows(this TracedTensor x, TracedTensor indices)
    {
        var positions = indices.Value.unsqueeze(2); // [B, k, 1]
        var value = x.Value.gather(1, positions.expand(-1, -1, x.Value.shape[2]));
        if (Tracer.Of(x, indices) is not { } tracer)
            return new TracedTensor(value);

        var names = tracer.Add("Unsqueeze", [tracer.NameOf(indices), tracer.Constant(2)]);
        return tracer.Wrap(value, tracer.Add("GatherND", [tracer.NameOf(x), names], Attributes.Of("batch_dims", 1)));
    }

    /// <summary>Elements of each row by their positions.</summary>
    /// <param name="x">[B, N].</param>
    /// <param name="indices">[B, k] int64, 0..N-1.</param>
    /// <returns>[B, k].</returns>
    public static TracedTensor GatherElements(this TracedTensor x, TracedTensor indices)
        => Tracer.Node("GatherElements", x.Value.gather(1, indices.Value), [x, indices], Attributes.Of("axis", 1));

    /// <summary>Keeps the elements at the listed places and sets the others to zero.</summary>
    /// <param name="x">[B, N].</param>
    /// <param name="places">[S, 2] int64: row and position, none twice.</param>
    /// <returns>[B, N].</returns>
    public static TracedTensor KeepOnly(this TracedTensor x, TracedTensor places)
    {
        using var scope = NewDisposeScope();
        var flat = places.Value[.., 0] * x.Value.shape[1] + places.Value[.., 1]; // [S]
        var values = x.Value.reshape(-1);
        var kept = zeros_like(values).scatter_(0, flat, values.gather(0, flat)).view(x.Value.shape).MoveToOuterDisposeScope();
        if (Tracer.Of(x, places) is not { } tracer)
            return new TracedTensor(kept);

        var (input, positions) = (tracer.NameOf(x), tracer.NameOf(places));
        var blank = tracer.Add("ConstantOfShape", [tracer.Add("Shape", [input])]);
        return tracer.Wrap(kept, tracer.Add("ScatterND", [blank, positions, tracer.Add("GatherND", [input, positions])]));
    }
}
