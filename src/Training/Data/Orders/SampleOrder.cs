using Serve.Eval;

namespace Serve.Training.Data.Orders;

/// <summary>The order in which epochs visit the images: a pure function of (seed, epoch). Safe for use from several threads.</summary>
internal sealed class SampleOrder
{
    // Apart from the streams of the images, whose keys have other parts.
    private const long Stream = -1;

    private readonly long[] stream;
    private readonly int batchSize;
    private readonly IReadOnlyList<int> images;
    private readonly double[]? factors;
    private readonly Func<int, bool>? isWide;
    private readonly int length;

    // Workers stand in the same epoch, or around a change of epochs in two.
    private volatile Tuple<long, SampleKey[]>[] latest = [];

    /// <summary>Creates an order.</summary>
    /// <param name="seed">Its seed.</param>
    /// <param name="stream">Orders of different streams have nothing to do with each other.</param>
    /// <param name="images">Positions of the images to visit.</param>
    /// <param name="batchSize">Images a batch.</param>
    /// <param name="factors">How often an epoch shows each image, on average over epochs; null for once.</param>
    /// <param name="isWide">Whether an image is wider than high, where batches are to hold one orientation; else null.</param>
    public SampleOrder(long seed, SampleStreamKind stream, IReadOnlyList<int> images, int batchSize, double[]? factors = null, Func<int, bool>? isWide = null)
    {
        this.stream = stream == SampleStreamKind.Main ? [seed] : [seed, (long)stream];
        (this.images, this.batchSize, this.factors, this.isWide) = (images, batchSize, factors, isWide);
        length = factors is null ? images.Count : (int)Math.Floor(factors.Sum());
        StepsPerEpoch = length / batchSize;
    }

    /// <summary>Whole batches in one epoch; the incomplete last one is dropped (each epoch shuffles anew).</summary>
    public int StepsPerEpoch { get; }

    /// <summary>The images of a step.</summary>
    public (long Epoch, ReadOnlyMemory<SampleKey> Keys) Batch(long step)
    {
        var epoch = step / StepsPerEpoch;
        return (epoch, Of(epoch).AsMemory((int)(step % StepsPerEpoch) * batchSize, batchSize));
    }

    private SampleKey[] Of(long epoch)
    {
        var known = Array.Find(latest, e => e.Item1 == epoch);
        if (known is not null) return known.Item2;

        var random = stream is [var seed] ? new SplitMix64(seed, epoch, Stream, Stream) : new SplitMix64(stream[0], epoch, Stream, Stream, stream[1]);
        var order = factors is null ? Once(ref random) : Repeated(factors, ref random);
        if (isWide is not null)
            order = AspectGroups.Arrange(order, isWide, batchSize);
        latest = [Tuple.Create(epoch, order), .. latest.Take(1)];
        return order;
    }

    private SampleKey[] Once(ref SplitMix64 random)
    {
        SampleKey[] order = [.. images.Select(image => new SampleKey(image, 0))];
        random.Shuffle(order.AsSpan());
        return order;
    }

    // An image with the factor 2.3 comes two or three times, in the mean over epochs 2.3 times, and the number of all is the same in each epoch: the factors, in random order,
    // are laid end to end, and whole numbers shifted by a random fraction are counted on each.
    private SampleKey[] Repeated(double[] factors, ref SplitMix64 random)
    {
        var places = Enumerable.Range(0, images.Count).ToArray();
        random.Shuffle(places.AsSpan());
        var end = random.NextDouble();
        var order = new List<SampleKey>(length + 1);
        foreach (var place in places)
        {
            var before = Math.Floor(end);
            end += factors[place];
            for (var repeat = 0; repeat < Math.Floor(end) - before; repeat++)
                order.Add(new(images[place], repeat));
        }

        var shuffled = order.ToArray();
        random.Shuffle(shuffled.AsSpan());
        return shuffled[..length];
    }
}
