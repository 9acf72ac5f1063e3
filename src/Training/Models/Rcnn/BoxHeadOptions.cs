namespace Serve.Training.Models.Rcnn;

/// <summary>What a box head is made of.</summary>
public enum BoxHeadKind
{
    /// <summary>Two fully connected layers.</summary>
    TwoFc,

    /// <summary>Four convolutions, then one fully connected layer.</summary>
    FourConvOneFc,

    /// <summary>Four convolutions, then two fully connected layers.</summary>
    FourConvTwoFc,
}

/// <summary>The head that classifies and moves boxes.</summary>
public sealed record BoxHeadOptions
{
    /// <summary>What it is made of.</summary>
    public BoxHeadKind Kind { get; init; }

    /// <summary>Channels of its convolutions, where it has any.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>Outputs of its fully connected layers.</summary>
    public int Width { get; init; } = 1024;

    /// <summary>Normalisation after each convolution, which then has no bias; null for none.</summary>
    public Norm? Norm { get; init; }

    /// <summary>Whether boxes are moved alike whatever their class.</summary>
    public bool ClassAgnostic { get; init; }

    /// <summary>Bins along an axis of a box.</summary>
    public int PoolSize { get; init; } = 7;

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (!Enum.IsDefined(Kind))
            yield return OptionFault.Of($"{path}.{nameof(Kind)}", Kind, string.Join(", ", Enum.GetNames<BoxHeadKind>()));
        if (Channels < 1)
            yield return OptionFault.Of($"{path}.{nameof(Channels)}", Channels, "1 or more");
        if (Width < 1)
            yield return OptionFault.Of($"{path}.{nameof(Width)}", Width, "1 or more");
        if (PoolSize < 1)
            yield return OptionFault.Of($"{path}.{nameof(PoolSize)}", PoolSize, "1 or more");
        if (Norm is not null && Kind == BoxHeadKind.TwoFc)
            yield return OptionFault.Of($"{path}.{nameof(Norm)}", Norm, "null for a head without convolutions");
    }
}
