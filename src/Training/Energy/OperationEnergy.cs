using Serve.Training.Tracing;

namespace Serve.Training.Energy;

/// <summary>Energy of one multiplication and of one addition.</summary>
/// <remarks>
/// Chen et al., "An empirical study of adder neural networks for object detection", NeurIPS 2021, table 5, with figures of circuits of 45 nm. A model of what a circuit made for the
/// purpose would need, and no measure of speed: on a CPU an adder layer takes longer than a convolution.
/// </remarks>
/// <param name="PicojoulesPerMultiply">Of a multiplication.</param>
/// <param name="PicojoulesPerAdd">Of an addition.</param>
public sealed record OperationEnergy(double PicojoulesPerMultiply, double PicojoulesPerAdd)
{
    /// <summary>32-bit floats.</summary>
    public static OperationEnergy Float32 { get; } = new(3.7, 0.9);

    /// <summary>8-bit integers.</summary>
    public static OperationEnergy Int8 { get; } = new(0.2, 0.03);

    /// <summary>Energy of so much work, in millijoules.</summary>
    public double Millijoules(OperationCount work) => (work.Multiplies * PicojoulesPerMultiply + work.Adds * PicojoulesPerAdd) * 1e-9;
}
