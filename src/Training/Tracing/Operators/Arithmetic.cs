using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Element-wise operators. Operands are broadcast alike by TorchSharp and ONNX (aligned at the last dimension).</summary>
public static class Arithmetic
{
    /// <summary>Sum.</summary>
    public static TracedTensor Add(this TracedTensor a, TracedTensor b) => Tracer.Node("Add", a.Value + b.Value, [a, b]);

    /// <summary>Difference.</summary>
    public static TracedTensor Subtract(this TracedTensor a, TracedTensor b) => Tracer.Node("Sub", a.Value - b.Value, [a, b]);

    /// <summary>Product.</summary>
    public static TracedTensor Multiply(this TracedTensor a, TracedTensor b) => Tracer.Node("Mul", a.Value * b.Value, [a, b]);

    /// <summary>Quotient; of integers, rounded towards zero as ONNX does.</summary>
    public static TracedTensor Divide(this TracedTensor a, TracedTensor b)
        => Tracer.Node("Div", a.Value.is_floating_point() ? a.Value / b.Value : a.Value.div(b.Value, RoundingMode.trunc), [a, b]);

    /// <summary>Remainder of not negative integers.</summary>
    public static TracedTensor Modulo(this TracedTensor a, TracedTensor b) => Tracer.Node("Mod", a.Value.remainder(b.Value), [a, b]);

    /// <summary>Square root.</summary>
    public static TracedTensor Sqrt(this TracedTensor x) => Tracer.Node("Sqrt", x.Value.sqrt(), [x]);

    /// <summary>e to the power of x.</summary>
    public static TracedTensor Exp(this TracedTensor x) => Tracer.Node("Exp", x.Value.exp(), [x]);

    /// <summary>The values, but none below the lower and none above the upper limit.</summary>
    /// <param name="x">Any tensor.</param>
    /// <param name="lower">Null for no limit.</param>
    /// <param name="upper">Null for no limit; at least one of the two is given.</param>
    public static TracedTensor Clamp(this TracedTensor x, double? lower = null, double? upper = null)
    {
        var value = x.Value.clamp(lower is { } least ? (TorchSharp.Scalar)least : null, upper is { } most ? (TorchSharp.Scalar)most : null);
        return Tracer.Of(x) is { } tracer
            ? tracer.Wrap(value, tracer.Add("Clip", [tracer.NameOf(x), Limit(lower), Limit(upper)]))
            : new TracedTensor(value);

        string Limit(double? limit) => limit is { } number ? tracer.NameOf(x.Like(number)) : "";
    }

    /// <summary>Natural logarithm.</summary>
    public static TracedTensor Log(this TracedTensor x) => Tracer.Node("Log", x.Value.log(), [x]);

    /// <summary>The largest whole number that is not above.</summary>
    public static TracedTensor Floor(this TracedTensor x) => Tracer.Node("Floor", x.Value.floor(), [x]);

    /// <summary>Size without the sign.</summary>
    public static TracedTensor Abs(this TracedTensor x) => Tracer.Node("Abs", x.Value.abs(), [x]);

    /// <summary>The other sign.</summary>
    public static TracedTensor Negate(this TracedTensor x) => Tracer.Node("Neg", x.Value.neg(), [x]);

    /// <summary>The smaller of two.</summary>
    public static TracedTensor Minimum(this TracedTensor a, TracedTensor b) => Tracer.Node("Min", minimum(a.Value, b.Value), [a, b]);

    /// <summary>The larger of two.</summary>
    public static TracedTensor Maximum(this TracedTensor a, TracedTensor b) => Tracer.Node("Max", maximum(a.Value, b.Value), [a, b]);

    /// <summary>True where a is larger than b.</summary>
    public static TracedTensor GreaterThan(this TracedTensor a, TracedTensor b) => Tracer.Node("Greater", a.Value.gt(b.Value), [a, b]);

    /// <summary>True where a equals b.</summary>
    public static TracedTensor EqualTo(this TracedTensor a, TracedTensor b) => Tracer.Node("Equal", a.Value.eq(b.Value), [a, b]);

    /// <summary>One tensor's values where the condition (bool) is true, the other's elsewhere.</summary>
    public static TracedTensor Where(this TracedTensor condition, TracedTensor whenTrue, TracedTensor whenFalse)
        => Tracer.Node("Where", where(condition.Value, whenTrue.Value, whenFalse.Value), [condition, whenTrue, whenFalse]);

    /// <summary>True where a is larger than b or equal to it.</summary>
    public static TracedTensor GreaterOrEqual(this TracedTensor a, TracedTensor b) => Tracer.Node("GreaterOrEqual", a.Value.ge(b.Value), [a, b]);

    /// <summary>True where a is smaller than b or equal to it.</summary>
    public static TracedTensor LessOrEqual(this TracedTensor a, TracedTensor b) => Tracer.Node("LessOrEqual", a.Value.le(b.Value), [a, b]);

    /// <summary>True where both (bool) are.</summary>
    public static TracedTensor And(this TracedTensor a, TracedTensor b) => Tracer.Node("And", a.Value.logical_and(b.Value), [a, b]);

    /// <summary>True where one of both (bool) is, or both.</summary>
    public static TracedTensor Or(this TracedTensor a, TracedTensor b) => Tracer.Node("Or", a.Value.logical_or(b.Value), [a, b]);

    /// <summary>True where x (bool) is false.</summary>
    public static TracedTensor Not(this TracedTensor x) => Tracer.Node("Not", x.Value.logical_not(), [x]);

    /// <summary>max(x, 0).</summary>
    public static TracedTensor Relu(this TracedTensor x) => Tracer.Node("Relu", nn.functional.relu(x.Value), [x]);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static TracedTensor Sigmoid(this TracedTensor x) => Tracer.Node("Sigmoid", x.Value.sigmoid(), [x]);

    /// <summary>The values in another element type; floats become integers by cutting the fraction.</summary>
    public static TracedTensor Cast(this TracedTensor x, ScalarType type)
        => Tracer.Node("Cast", x.Value.to_type(type), [x], Attributes.Of("to", (long)Tracer.ElementType(type)));
}
