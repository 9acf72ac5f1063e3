using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Necks;

/// <summary>The paths of a pyramid of adder layers.</summary>
public enum AdderPyramidForm
{
    /// <summary>From coarse to fine, as in a feature pyramid.</summary>
    TopDown,

    /// <summary>From coarse to fine, then back (PAFPN).</summary>
    ThenBottomUp,

    /// <summary>The same with a shortcut around each 3x3.</summary>
    ThenBottomUpResidual,

    /// <summary>From fine to coarse, then back, with a shortcut around each 3x3 (R-PAFPN).</summary>
    BottomUpFirst,
}

/// <summary>A neck of the kind <see cref="NeckKind.Adder"/>.</summary>
public sealed record AdderPyramidOptions
{
    /// <summary>Its paths.</summary>
    public AdderPyramidForm Form { get; init; } = AdderPyramidForm.BottomUpFirst;

    /// <summary>Whether a ReLU follows each normalisation.</summary>
    public bool ReluInside { get; init; }

    /// <summary>What goes back through its layers.</summary>
    public AdderGradient Gradient { get; init; } = AdderGradient.Sign;
}
