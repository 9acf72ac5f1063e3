namespace Serve.Training.Optimization;

/// <summary>What a parameter is in its layer.</summary>
public enum ParameterRole
{
    /// <summary>A matrix or a kernel.</summary>
    Weight,

    /// <summary>What a layer adds to its output.</summary>
    Bias,

    /// <summary>Scale and shift of a normalisation.</summary>
    Norm,

    /// <summary>Another factor, such as that of a level.</summary>
    Scale,

    /// <summary>The kernel of an adder layer: it decays like a weight, but the length of its gradient is set (<see cref="GradientStep"/>).</summary>
    Adder,
}
