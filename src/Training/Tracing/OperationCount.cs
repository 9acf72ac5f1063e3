namespace Serve.Training.Tracing;

/// <summary>Work of a network: what its convolutions, matrix products and adder layers multiply and add.</summary>
/// <remarks>Normalisation, activations and post-processing are not counted, as is usual.</remarks>
/// <param name="Multiplies">Multiplications.</param>
/// <param name="Adds">Additions and subtractions.</param>
public readonly record struct OperationCount(long Multiplies, long Adds)
{
    /// <summary>Multiply-adds: a tap of a convolution is one (a product and a sum), and so is a tap of an adder layer (a difference and a sum).</summary>
    public long MultiplyAdds => (Multiplies + Adds) / 2;

    /// <summary>The work of so many multiply-adds.</summary>
    public static OperationCount OfMultiplyAdds(long count) => new(count, count);

    /// <summary>The work of both.</summary>
    public static OperationCount operator +(OperationCount a, OperationCount b) => new(a.Multiplies + b.Multiplies, a.Adds + b.Adds);
}
