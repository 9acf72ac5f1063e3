namespace Serve.Training.Models.Rcnn;

/// <summary>The head that cuts objects out of their boxes.</summary>
public sealed record MaskHeadOptions
{
    /// <summary>3x3 convolutions before the one that doubles the map.</summary>
    public int Convolutions { get; init; } = 4;

    /// <summary>Channels of its convolutions.</summary>
    public int Channels { get; init; } = 256;

    /// <summary>Normalisation after each 3x3 convolution, which then has no bias; null for none.</summary>
    public Norm? Norm { get; init; }

    /// <summary>Bins along an axis of a box. The mask has twice as many.</summary>
    public int PoolSize { get; init; } = 14;

    /// <summary>The options that are out of range, a sentence each.</summary>
    internal IEnumerable<string> Faults(string path)
    {
        if (Convolutions < 0)
            yield return OptionFault.Of($"{path}.{nameof(Convolutions)}", Convolutions, "0 or more");
        if (Channels < 1)
            yield return OptionFault.Of($"{path}.{nameof(Channels)}", Channels, "1 or more");
        foreach (var fault in Norm?.Faults($"{path}.{nameof(Norm)}") ?? [])
            yield return fault;
        if (PoolSize < 1)
            yield return OptionFault.Of($"{path}.{nameof(PoolSize)}", PoolSize, "1 or more");
    }
}
