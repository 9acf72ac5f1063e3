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
}
