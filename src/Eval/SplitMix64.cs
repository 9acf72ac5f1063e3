namespace Serve.Eval;

/// <summary>
/// A small random generator whose numbers are a pure function of its key, on every machine and in every version of .NET
/// (<see cref="Random"/> promises neither for seeds that differ in few bits nor across versions).
/// </summary>
/// <remarks>
/// Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014 (SplitMix64).
/// A value type: a copy continues on its own, so pass it by reference where draws are to be shared.
/// </remarks>
public struct SplitMix64
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong state;

    /// <summary>The stream of a key. Keys that differ in one bit of one part give unrelated streams.</summary>
    /// <param name="key">Parts of the key, in order: a seed first, then for example epoch and index.</param>
    public SplitMix64(params ReadOnlySpan<long> key)
    {
        state = Golden;
        foreach (var part in key) state = Mix(state + Golden) ^ Mix((ulong)part + Golden);
    }

    /// <summary>64 random bits.</summary>
    public ulong NextBits() => Mix(state += Golden);

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>Uniform in [lower, upper); lower where both are equal.</summary>
    public double NextDouble(double lower, double upper) => lower + (upper - lower) * NextDouble();

    /// <summary>Uniform in 0..exclusiveUpper-1. The bias is below exclusiveUpper / 2^64.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveUpper"/> is not positive.</exception>
    public int NextInt(int exclusiveUpper)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveUpper);
        return (int)Math.BigMul(NextBits(), (ulong)exclusiveUpper, out _);
    }

    /// <summary>True with the given probability.</summary>
    public bool NextBool(double probability) => NextDouble() < probability;

    /// <summary>Puts the values into a random order (Fisher, Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (var last = values.Length - 1; last > 0; last--)
        {
            var other = NextInt(last + 1);
            (values[last], values[other]) = (values[other], values[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
