using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Operators that go along one dimension.</summary>
public static class Reductions
{
    /// <summary>Sum along a dimension.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="dimension">Which one, from 0.</param>
    /// <param name="keep">Whether the dimension stays, with size 1.</param>
    public static TracedTensor Sum(this TracedTensor x, int dimension, bool keep = false)
        => Reduce("ReduceSum", x, x.Value.sum((long)dimension, keep), dimension, keep);

    /// <summary>Mean along a dimension.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="dimension">Which one, from 0.</param>
    /// <param name="keep">Whether the dimension stays, with size 1.</param>
    public static TracedTensor Mean(this TracedTensor x, int dimension, bool keep = false)
        => Reduce("ReduceMean", x, x.Value.mean([dimension], keep), dimension, keep);

    /// <summary>Largest value along a dimension of at least one entry.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="dimension">Which one, from 0.</param>
    /// <param name="keep">Whether the dimension stays, with size 1.</param>
    public static TracedTensor Max(this TracedTensor x, int dimension, bool keep = false)
        => Reduce("ReduceMax", x, x.Value.amax([dimension], keep), dimension, keep);

    /// <summary>exp(x) divided by its sum along a dimension.</summary>
    public static TracedTensor Softmax(this TracedTensor x, int dimension)
        => Tracer.Node("Softmax", nn.functional.softmax(x.Value, dimension), [x], Attributes.Of("axis", dimension));

    private static TracedTensor Reduce(string operation, TracedTensor x, Tensor value, int dimension, bool keep)
        => Tracer.Of(x) is { } tracer
            ? tracer.Wrap(value, tracer.Add(operation, [tracer.NameOf(x), tracer.Constant(dimension)], Attributes.Of("keepdims", keep ? 1 : 0)))
            : new TracedTensor(value);
}
