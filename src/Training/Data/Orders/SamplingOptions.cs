using Serve.Eval;

namespace Serve.Training.Data.Orders;

/// <summary>Which images an epoch shows, how often, and which of them make a batch.</summary>
public sealed record SamplingOptions
{
    /// <summary>Whether images without an object, crowds not counted, are left out.</summary>
    public bool SkipEmpty { get; init; }

    /// <summary>
    /// Whether a batch holds images of one orientation: wide ones (width above height) or others. Needs less padding where sizes differ. At most one batch an epoch mixes the two,
    /// of what is left over.
    /// </summary>
    public bool AspectGroups { get; init; }

    /// <summary>
    /// Categories in a smaller share of images than this are shown more often (<see cref="RepeatFactors"/>); null for each image once an epoch. 0.001 in the LVIS paper.
    /// </summary>
    public double? RepeatThreshold { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="InvalidInputException">One is out of range.</exception>
    public void Validate()
    {
        if (RepeatThreshold is { } threshold && !(threshold > 0 && threshold <= 1))
            throw new InvalidInputException($"sampling: RepeatThreshold: got {threshold}, allowed above 0 up to 1, or null.");
    }
}
