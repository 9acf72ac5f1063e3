namespace Serve.Api.OpenInference;

/// <summary>Shapes of tensors: full, the batch included.</summary>
internal static class TensorShape
{
    /// <summary>Most dimensions of a tensor: far above what detectors have, and below the depth that JSON is read to.</summary>
    public const int MostDimensions = 32;

    /// <summary>Product of the sides: 1 for the empty shape, 0 where a side is 0; null where it exceeds 64 bits.</summary>
    public static long? Elements(ReadOnlySpan<long> shape)
    {
        if (shape.Contains(0))
            return 0;
        Int128 product = 1;
        foreach (var side in shape)
        {
            product *= side;
            if (product > long.MaxValue)
                return null;
        }
        return (long)product;
    }

    /// <summary>Whether a concrete shape is one that is asked for, in which -1 fits any side and null any shape.</summary>
    public static bool Fits(ReadOnlySpan<long> shape, IReadOnlyList<int>? wanted)
    {
        if (wanted is null)
            return true;
        if (shape.Length != wanted.Count)
            return false;
        for (var i = 0; i < shape.Length; i++)
            if (wanted[i] >= 0 && wanted[i] != shape[i])
                return false;
        return true;
    }

    /// <summary>As messages write it: <c>[1, 3, 416, 416]</c>.</summary>
    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The same of a model's shape, with -1 for what is free.</summary>
    public static string Text(IReadOnlyList<int>? shape) => shape is null ? "of any rank" : $"[{string.Join(", ", shape)}]";
}
