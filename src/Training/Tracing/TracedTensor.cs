using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tracing;

/// <summary>A tensor that computes eagerly through TorchSharp and, when it came from a tracer, also records the ONNX node that made it.</summary>
/// <remarks>
/// A tensor that did not come from a tracer is a constant for the graph: what is computed from constants alone is computed once, while
/// tracing, and becomes one initialiser (constant folding without a pass). The value follows TorchSharp's lifetimes: it belongs to the dispose scope
/// that was open when it was made, or to its caller.
/// </remarks>
public sealed class TracedTensor
{
    /// <summary>Wraps a tensor that no tracer follows.</summary>
    /// <param name="value">The eager value.</param>
    public TracedTensor(Tensor value) => Value = value;

    internal TracedTensor(Tensor value, Tracer tracer, string name) => (Value, Tracer, Name) = (value, tracer, name);

    /// <summary>The eager value.</summary>
    public Tensor Value { get; }

    /// <summary>The tracer that records this tensor; null for constants and outside an export.</summary>
    internal Tracer? Tracer { get; }

    /// <summary>Name of the graph's value; null where there is no tracer.</summary>
    internal string? Name { get; }

    /// <summary>Sum with broadcasting.</summary>
    public static TracedTensor operator +(TracedTensor a, TracedTensor b) => a.Add(b);

    /// <summary>Sum with a scalar.</summary>
    public static TracedTensor operator +(TracedTensor a, double b) => a.Add(a.Like(b));

    /// <summary>Difference with broadcasting.</summary>
    public static TracedTensor operator -(TracedTensor a, TracedTensor b) => a.Subtract(b);

    /// <summary>Product with broadcasting.</summary>
    public static TracedTensor operator *(TracedTensor a, TracedTensor b) => a.Multiply(b);

    /// <summary>Product with a scalar.</summary>
    public static TracedTensor operator *(TracedTensor a, double b) => a.Multiply(a.Like(b));

    /// <summary>Quotient with broadcasting.</summary>
    public static TracedTensor operator /(TracedTensor a, TracedTensor b) => a.Divide(b);

    /// <summary>Moves the eager value to the scope outside the innermost one, so that it outlives a method's temporaries.</summary>
    public TracedTensor MoveToOuterDisposeScope()
    {
        Value.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>A scalar constant of this tensor's type and device.</summary>
    internal TracedTensor Like(double scalar) => new(tensor(scalar, dtype: Value.dtype, device: Value.device));
}
