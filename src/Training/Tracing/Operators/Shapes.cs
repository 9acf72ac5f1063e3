using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Operators on layout. None of them takes a number of images, rows or columns read from a traced tensor: such numbers stay dynamic.</summary>
public static class Shapes
{
    /// <summary>The size of one dimension.</summary>
    /// <returns>[1] int64.</returns>
    public static TracedTensor Size(this TracedTensor x, int dimension)
    {
        var value = tensor(new[] { x.Value.shape[dimension] }, device: x.Value.device);
        return Tracer.Node("Shape", value, [x], Attributes.Of("start", dimension), Attributes.Of("end", dimension + 1));
    }

    /// <summary>Another shape for the same elements.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="shape">0 keeps the dimension of that position, -1 takes what is left; other numbers are fixed.</param>
    public static TracedTensor Reshape(this TracedTensor x, params ReadOnlySpan<long> shape)
    {
        var target = new long[shape.Length];
        for (var i = 0; i < target.Length; i++)
            target[i] = shape[i] == 0 ? x.Value.shape[i] : shape[i];
        var value = x.Value.reshape(target);
        return Tracer.Of(x) is { } tracer
            ? tracer.Wrap(value, tracer.Add("Reshape", [tracer.NameOf(x), tracer.Constant(shape.ToArray())]))
            : new TracedTensor(value);
    }

    /// <summary>The dimensions in another order.</summary>
    public static TracedTensor Permute(this TracedTensor x, params long[] order)
        => Tracer.Node("Transpose", x.Value.permute(order), [x], Attributes.Of("perm", order));

    /// <summary>A new dimension of size one.</summary>
    public static TracedTensor Unsqueeze(this TracedTensor x, int dimension)
    {
        var value = x.Value.unsqueeze(dimension);
        return Tracer.Of(x) is { } tracer
            ? tracer.Wrap(value, tracer.Add("Unsqueeze", [tracer.NameOf(x), tracer.Constant(dimension)]))
            : new TracedTensor(value);
    }

    /// <summary>A range of one dimension.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="dimension">The dimension, from 0.</param>
    /// <param name="start">First place; negative ones count from the end.</param>
    /// <param name="end">The place after the last; negative ones count from the end; null for all that is left.</param>
    public static TracedTensor Slice(this TracedTensor x, int dimension, long start, long? end = null)
    {
        var value = x.Value.slice(dimension, start, end ?? long.MaxValue, 1);
        return Tracer.Of(x) is { } tracer
            ? tracer.Wrap(value, tracer.Add(
                "Slice", [tracer.NameOf(x), tracer.Constant(start), tracer.Constant(end ?? long.MaxValue), tracer.Constant(dimension)]))
            : new TracedTensor(value);
    }

    /// <summary>Tensors one after another along a dimension.</summary>
    public static TracedTensor Concat(int dimension, params TracedTensor[] parts)
        => Tracer.Node("Concat", cat([.. parts.Select(part => part.Value)], dimension), parts, Attributes.Of("axis", dimension));

    /// <summary>Neighbouring pieces of a dimension.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="dimension">The dimension that is cut.</param>
    /// <param name="sizes">Sizes of the pieces; together the dimension's.</param>
    public static TracedTensor[] Split(this TracedTensor x, int dimension, params long[] sizes)
    {
        var values = x.Value.split(sizes, dimension);
        if (Tracer.Of(x) is not { } tracer)
            return [.. values.Select(value => new TracedTensor(value))];

        var names = tracer.Add("Split", sizes.Length, [tracer.NameOf(x), tracer.Constant(sizes)], Attributes.Of("axis", dimension));
        return [.. values.Zip(names, tracer.Wrap)];
    }

    /// <summary>Neighbouring dimensions as one, whatever their sizes.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="first">The first of them.</param>
    /// <param name="count">How many.</param>
    public static TracedTensor MergeDimensions(this TracedTensor x, int first, int count)
    {
        var value = x.Value.flatten(first, first + count - 1);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);

        var input = tracer.NameOf(x);
        var merged = tracer.Add("ReduceProd", [Sizes(tracer, input, first, first + count)], Attributes.Of("keepdims", 1));
        return tracer.Wrap(value, Reshaped(tracer, input, first, merged, first + count, x.Value.dim()));
    }

    /// <summary>One dimension as several, with the sizes that dimensions of another tensor have.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="dimension">The dimension that is split.</param>
    /// <param name="like">Where the sizes come from; their product is the dimension's size.</param>
    /// <param name="first">The first of its dimensions that counts.</param>
    /// <param name="count">How many.</param>
    public static TracedTensor UnmergeLike(this TracedTensor x, int dimension, TracedTensor like, int first, int count)
    {
        var shape = x.Value.shape;
        var value = x.Value.reshape([.. shape[..dimension], .. like.Value.shape[first..(first + count)], .. shape[(dimension + 1)..]]);
        return Tracer.Of(x, like) is { } tracer
            ? tracer.Wrap(value, Reshaped(
                tracer, tracer.NameOf(x), dimension, Sizes(tracer, tracer.NameOf(like), first, first + count), dimension + 1, shape.Length))
            : new TracedTensor(value);
    }

    /// <summary>Repeats a tensor where broadcasting it against another would.</summary>
    /// <param name="x">Any tensor that broadcasts against the other.</param>
    /// <param name="other">Only its shape is used.</param>
    public static TracedTensor ExpandTo(this TracedTensor x, TracedTensor other)
    {
        var value = broadcast_tensors(x.Value, other.Value)[0];
        return Tracer.Of(x, other) is { } tracer
            ? tracer.Wrap(value, tracer.Add("Expand", [tracer.NameOf(x), tracer.Add("Shape", [tracer.NameOf(other)])]))
            : new TracedTensor(value);
    }

    /// <summary>The same number appended to one dimension.</summary>
    public static TracedTensor PadEnd(this TracedTensor x, int dimension, int count, double number)
    {
        var shape = x.Value.shape;
        shape[dimension] = count;
        var value = cat([x.Value, full(shape, number, dtype: x.Value.dtype, device: x.Value.device)], dimension);
        if (Tracer.Of(x) is not { } tracer)
            return new TracedTensor(value);

        var pads = new long[2 * shape.Length]; // all begins, then all ends
        pads[shape.Length + dimension] = count;
        return tracer.Wrap(value, tracer.Add("Pad", [tracer.NameOf(x), tracer.Constant(pads), tracer.NameOf(x.Like(number))]));
    }

    private static string Sizes(Tracer tracer, string input, int start, int end)
        => tracer.Add("Shape", [input], Attributes.Of("start", start), Attributes.Of("end", end));

    // The input's sizes before and after stay; zero stands for no entries, not for "as before".
    private static string Reshaped(Tracer tracer, string input, int before, string between, int after, long rank)
    {
        List<string> sizes = [between];
        if (before > 0)
            sizes.Insert(0, Sizes(tracer, input, 0, before));
        if (after < rank)
            sizes.Add(Sizes(tracer, input, after, (int)rank));
        var target = sizes.Count == 1 ? between : tracer.Add("Concat", [.. sizes], Attributes.Of("axis", 0));
        return tracer.Add("Reshape", [input, target], Attributes.Of("allowzero", 1));
    }
}
