using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>
/// Operators between rectangles [B, N, ...] and the lists of their rows that count: <see cref="WhereTrue"/> finds the places, <see cref="GatherPlaces"/> makes the
/// list, <see cref="ScatterPlaces"/> puts it back. The lists' lengths are dynamic and may be 0.
/// </summary>
public static class Indexing
{
    /// <summary>Numbers 0, 1, ... along a dimension.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="dimension">The dimension whose size is counted to.</param>
    /// <returns>[size of that dimension] int64.</returns>
    public static TracedTensor Iota(this TracedTensor x, int dimension)
    {
        var value = arange(x.Value.shape[dimension], dtype: int64, device: x.Value.device);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);

        using var zero = tensor(0L);
        using var one = tensor(1L);
        var size = tracer.Add("Shape", [tracer.NameOf(x)], Attributes.Of("start", dimension), Attributes.Of("end", dimension + 1));
        var end = tracer.Add("Squeeze", [size]);
        return tracer.Wrap(value, tracer.Add("Range", [tracer.Constant(zero), end, tracer.Constant(one)]));
    }

    /// <summary>Places that are true, row by row.</summary>
    /// <param name="condition">Bool, of r dimensions.</param>
    /// <returns>[S, r] int64.</returns>
    public static TracedTensor WhereTrue(this TracedTensor condition)
    {
        var value = HostRead.Places(condition.Value);
        return Tracer.Of(condition) is { } tracer
            ? tracer.Wrap(value, tracer.Add("Transpose", [tracer.Add("NonZero", [tracer.NameOf(condition)])], Attributes.Of("perm", 1, 0)))
            : new TracedTensor(value);
    }

    /// <summary>The rows at listed places.</summary>
    /// <param name="x">[B, N, ...].</param>
    /// <param name="places">[S, 2] int64: image and row.</param>
    /// <returns>[S, ...].</returns>
    public static TracedTensor GatherPlaces(this TracedTensor x, TracedTensor places)
        => Tracer.Node("GatherND", x.Value.flatten(0, 1).index_select(0, Flat(places, x)), [x, places]);

    /// <summary>Puts rows at listed places of a rectangle.</summary>
    /// <param name="rows">[S, ...].</param>
    /// <param name="places">[S, 2] int64: image and row, none twice.</param>
    /// <param name="like">[B, N, ...]; only its first two sizes are taken.</param>
    /// <param name="blank">What stands at all other places.</param>
    /// <returns>[B, N, ...] with the rows' other dimensions.</returns>
    public static TracedTensor ScatterPlaces(this TracedTensor rows, TracedTensor places, TracedTensor like, double blank = 0)
    {
        long[] ofRow = rows.Value.shape[1..];
        var (images, count) = (like.Value.shape[0], like.Value.shape[1]);
        Tensor value;
        using (NewDisposeScope())
        {
            var empty = full([images * count, .. ofRow], blank, dtype: rows.Value.dtype, device: rows.Value.device);
            value = empty.index_copy(0, Flat(places, like), rows.Value).view([images, count, .. ofRow]).MoveToOuterDisposeScope();
        }

        if (Tracer.Of(rows, places, like) is not { } tracer)
            return new TracedTensor(value);

        var (input, positions) = (tracer.NameOf(rows), tracer.NameOf(places));
        var outer = tracer.Add("Shape", [tracer.NameOf(like)], Attributes.Of("start", 0), Attributes.Of("end", 2));
        var shape = tracer.Add("Concat", [outer, tracer.Add("Shape", [input], Attributes.Of("start", 1))], Attributes.Of("axis", 0));
        var blanks = tracer.Add("ConstantOfShape", [shape], Attributes.Of("value", Tracer.Scalar(blank, rows.Value.dtype)));
        return tracer.Wrap(value, tracer.Add("ScatterND", [blanks, positions, input]));
    }

    /// <summary>Rows of one list by their numbers.</summary>
    /// <param name="x">[S, ...].</param>
    /// <param name="index">Int64 of any shape, 0..S-1.</param>
    /// <returns>The index's shape, then the rows' other dimensions.</returns>
    public static TracedTensor GatherRows0(this TracedTensor x, TracedTensor index)
    {
        long[] shape = [.. index.Value.shape, .. x.Value.shape[1..]];
        return Tracer.Node("Gather", x.Value.index_select(0, index.Value.reshape(-1)).view(shape), [x, index], Attributes.Of("axis", 0));
    }

    /// <summary>The order that undoes an order: rows taken by <paramref name="order"/> and then by the result stand where they stood.</summary>
    /// <param name="order">[S] int64, a permutation of 0..S-1.</param>
    /// <returns>[S] int64.</returns>
    public static TracedTensor InversePermutation(this TracedTensor order)
    {
        var value = order.Value.argsort();
        if (Tracer.Of(order) is not { } tracer)
            return new TracedTensor(value);

        var input = tracer.NameOf(order);
        return tracer.Wrap(value, tracer.Add("TopK", 2, [input, tracer.Add("Shape", [input])], Attributes.Of("axis", 0), Attributes.Of("largest", 0))[1]);
    }

    private static Tensor Flat(TracedTensor places, TracedTensor rectangle) => places.Value.select(1, 0) * rectangle.Value.shape[1] + places.Value.select(1, 1);
}
