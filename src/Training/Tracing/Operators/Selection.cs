using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Operators that choose elements.</summary>
public static class Selection
{
    // Shorter rows are sorted whole: fewer calls cost less than fewer elements.
    private const int SmallRow = 8192;

    /// <summary>The largest values of each row, falling; of equal ones the first comes first.</summary>
    /// <param name="x">[B, N].</param>
    /// <param name="count">How many, at most N.</param>
    /// <returns>Values [B, min(count, N)] and their int64 positions in the row.</returns>
    public static (TracedTensor Values, TracedTensor Indices) TopK(this TracedTensor x, int count)
    {
        var (values, indices) = Largest(x.Value, (int)Math.Min(count, x.Value.shape[1]));
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

    /// <summary>Keeps the elements at the listed places and blanks the others.</summary>
    /// <param name="x">[B, N].</param>
    /// <param name="places">[S, 2] int64: row and position, none twice.</param>
    /// <param name="blank">What the others become; below all elements where those may be negative.</param>
    /// <returns>[B, N].</returns>
    public static TracedTensor KeepOnly(this TracedTensor x, TracedTensor places, double blank = 0)
        => x.GatherPlaces(places).ScatterPlaces(places, x, blank);

    // The first of equal values are chosen at the end of the row, as a stable sort does; topk leaves that open.
    // Choosing before sorting, as the rows of a proposal network have hundreds of thousands of entries of which few are wanted.
    private static (Tensor Values, Tensor Indices) Largest(Tensor x, int count)
    {
        using var scope = NewDisposeScope();
        var (images, length) = (x.shape[0], x.shape[1]);
        if (length < SmallRow || count * 4L > length)
        {
            var (all, order) = x.sort(dim: 1, descending: true, stable: true);
            return (all[.., ..count].MoveToOuterDisposeScope(), order[.., ..count].MoveToOuterDisposeScope());
        }

        var last = x.detach().topk(count, dim: 1).values[.., (count - 1)..];                      // [B, 1]
        var above = x.gt(last);                                                                   // [B, N]
        var equal = x.eq(last);
        var chosen = above.logical_or(equal.logical_and(equal.cumsum(1).le(count - above.sum(1L, keepdim: true))));
        var place = where(chosen, chosen.cumsum(1) - 1, count);                                   // [B, N], count for those not chosen
        var positions = zeros(images, count + 1, dtype: int64, device: x.device)
            .scatter(1, place, arange(length, dtype: int64, device: x.device).expand(images, -1))[.., ..count]; // [B, count], rising
        var (values, inner) = x.gather(1, positions).sort(dim: 1, descending: true, stable: true);
        return (values.MoveToOuterDisposeScope(), positions.gather(1, inner).MoveToOuterDisposeScope());
    }
}
