using Serve.Eval;

namespace Serve.Training.Data;

/// <summary>The order in which an epoch visits the images: a pure function of (seed, epoch). Safe for use from several threads.</summary>
internal sealed class EpochOrder(long seed, int count)
{
    // Apart from the streams of the images, whose keys have three parts.
    private const long Stream = -1;

    // Workers stand in the same epoch, or around a change of epochs in two.
    private volatile Tuple<long, int[]>[] latest = [];

    /// <summary>Indices of the images, in the order of this epoch.</summary>
    public ReadOnlySpan<int> Of(long epoch)
    {
        var known = Array.Find(latest, e => e.Item1 == epoch);
        if (known is not null) return known.Item2;

        var order = Enumerable.Range(0, count).ToArray();
        new SplitMix64(seed, epoch, Stream, Stream).Shuffle(order.AsSpan());
        latest = [Tuple.Create(epoch, order), .. latest.Take(1)];
        return order;
    }
}
