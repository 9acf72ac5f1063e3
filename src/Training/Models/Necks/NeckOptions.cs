using Serve.Eval;
using Serve.Training.Models.Layers;

namespace Serve.Training.Models.Necks;

/// <summary>Kinds of necks.</summary>
public enum NeckKind
{
    /// <summary>A feature pyramid with a path from coarse to fine.</summary>
    FeaturePyramid,

    /// <summary>One map of the backbone, without a pyramid.</summary>
    SingleMap,
}

/// <summary>What is left out of a feature pyramid: the ablations of its paper's section 5.1.</summary>
public enum PyramidForm
{
    /// <summary>Nothing.</summary>
    Full,

    /// <summary>The path from coarse to fine: each level comes from its own map.</summary>
    NoTopDown,

    /// <summary>The maps beside the path: all levels come from the coarsest map.</summary>
    NoLateral,

    /// <summary>All levels but the finest.</summary>
    FinestOnly,
}

/// <summary>What follows the level of the coarsest map, P5.</summary>
public enum ExtraLevels
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>P6: every second cell of P5. For proposals alone.</summary>
    MaxPool,

    /// <summary>P6 and P7: 3x3 convolutions of stride 2, P6's from P5.</summary>
    ConvolutionFromOutput,
}

/// <summary>Which neck, and its levels.</summary>
public sealed record NeckOptions
{
    /// <summary>P3 to P7, of detectors that predict at every cell.</summary>
    public static NeckOptions Dense { get; } = new() { FirstLevel = 3, Extra = ExtraLevels.ConvolutionFromOutput };

    /// <summary>The kind.</summary>
    public NeckKind Kind { get; init; }

    /// <summary>Channels of every level.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>The finest level: 2 (stride 4) in two-stage detectors, 3 (stride 8) in those that predict at every cell. A single map's own level.</summary>
    public int FirstLevel { get; init; } = 2;

    /// <summary>What follows P5.</summary>
    public ExtraLevels Extra { get; init; } = ExtraLevels.MaxPool;

    /// <summary>What is left out of the pyramid.</summary>
    public PyramidForm Form { get; init; }

    /// <summary>Normalisation after each lateral and output convolution, which then have no bias; null for none, as in the paper.</summary>
    public Norm? Norm { get; init; }

    /// <summary>Whether a ReLU stands before the convolution that makes P7.</summary>
    public bool ReluBeforeLast { get; init; } = true;

    /// <summary>The neck these options describe.</summary>
    /// <param name="inputs">Channels of C2, C3, C4, C5.</param>
    /// <param name="init">Fills the weights.</param>
    /// <exception cref="InvalidInputException">There is no such neck.</exception>
    internal Neck Create(IReadOnlyList<int> inputs, Initialisation init) => Kind switch
    {
        NeckKind.FeaturePyramid => new FeaturePyramid(this, inputs, init),
        NeckKind.SingleMap => new SingleMap(this, inputs, init),
        _ => throw new InvalidInputException(OptionFault.Of("neck.kind", Kind, string.Join(", ", Enum.GetNames<NeckKind>()))),
    };

    /// <summary>The same neck with few channels.</summary>
    internal NeckOptions Shrunk() => this with { Channels = 32, Norm = Norm is null ? null : Norm with { Exact = false } };

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (Channels < 1)
            yield return OptionFault.Of($"{path}.{nameof(Channels)}", Channels, "1 or more");
        if (FirstLevel is not (>= 2 and <= 5))
            yield return OptionFault.Of($"{path}.{nameof(FirstLevel)}", FirstLevel, "2 to 5");
        if (Extra != ExtraLevels.None && (Kind == NeckKind.SingleMap || Form == PyramidForm.FinestOnly))
            yield return OptionFault.Of($"{path}.{nameof(Extra)}", Extra, $"{nameof(ExtraLevels.None)}, as there is one level only");
        if (Kind != NeckKind.FeaturePyramid && Form != PyramidForm.Full)
            yield return OptionFault.Of($"{path}.{nameof(Form)}", Form, $"{nameof(PyramidForm.Full)}, as there is no pyramid to leave something out of");
        foreach (var fault in Norm?.Faults($"{path}.{nameof(Norm)}") ?? [])
            yield return fault;
    }
}
