namespace Serve.Eval.Statistics;

/// <summary>Several weightings of the images: how often each counts. A row is an image; rows after the images are free to be something else.</summary>
internal abstract class ImageWeights
{
    /// <summary>Number of weightings.</summary>
    public abstract int Count { get; }

    /// <summary>Number of rows.</summary>
    public abstract int Rows { get; }

    /// <summary>Writes the weight of each row in one weighting; any thread may call. A weight is at most 255.</summary>
    public abstract void Fill(int index, Span<byte> weights);

    /// <summary>The highest weight of all weightings, at least 1.</summary>
    public virtual int Highest(int threads, CancellationToken ct) => 1;
}

/// <summary>The images as they are, then without one group of them after another: weighting 0, and 1 to the number of groups.</summary>
/// <remarks>Image i is in group i modulo the number of groups, so that groups differ by one image at most, and neighbours in a video are in different ones.</remarks>
/// <param name="images">Number of images.</param>
/// <param name="groups">Number of groups, at most that of images.</param>
internal sealed class GroupDeletions(int images, int groups) : ImageWeights
{
    /// <inheritdoc/>
    public override int Count => groups + 1;

    /// <inheritdoc/>
    public override int Rows => images;

    /// <inheritdoc/>
    public override void Fill(int index, Span<byte> weights)
    {
        weights.Fill(1);
        for (var image = index - 1; image >= 0 && image < images; image += groups)
            weights[image] = 0;
    }
}

/// <summary>Bootstrap resamples: as many images as there are, drawn with replacement.</summary>
/// <param name="images">Number of images.</param>
/// <param name="count">Number of resamples.</param>
/// <param name="seed">The same seed gives the same resamples.</param>
internal sealed class BootstrapDraws(int images, int count, long seed) : ImageWeights
{
    private const long Stream = 0;

    /// <inheritdoc/>
    public override int Count => count;

    /// <inheritdoc/>
    public override int Rows => images;

    /// <inheritdoc/>
    public override void Fill(int index, Span<byte> weights)
    {
        weights.Clear();
        var random = new SplitMix64(seed, Stream, index);
        // A weight above 255 has a probability below 1e-500.
        for (var draw = 0; draw < images; draw++)
            weights[random.NextInt(images)]++;
    }

    /// <inheritdoc/>
    public override int Highest(int threads, CancellationToken ct)
    {
        var highest = 1;
        var gate = new Lock();
        Parallel.For(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = ct }, () => (Weights: new byte[images], Highest: 1),
            (index, _, local) =>
            {
                Fill(index, local.Weights);
                foreach (var weight in local.Weights)
                    local.Highest = Math.Max(local.Highest, weight);
                return local;
            },
            local =>
            {
                lock (gate)
                    highest = Math.Max(highest, local.Highest);
            });
        return highest;
    }
}

/// <summary>
/// Random exchanges of two results: on each image, with probability 1/2, they change places. Rows are the images of the first result, those of the second, and
/// one that always counts once. Weightings 2p and 2p + 1 are what stands in the first place and in the second after exchange p.
/// </summary>
/// <param name="images">Number of images.</param>
/// <param name="count">Number of exchanges.</param>
/// <param name="seed">The same seed gives the same exchanges.</param>
internal sealed class ResultExchanges(int images, int count, long seed) : ImageWeights
{
    private const long Stream = 1;

    /// <inheritdoc/>
    public override int Count => 2 * count;

    /// <inheritdoc/>
    public override int Rows => (2 * images) + 1;

    /// <inheritdoc/>
    public override void Fill(int index, Span<byte> weights)
    {
        var random = new SplitMix64(seed, Stream, index / 2);
        var bits = 0UL;
        for (var image = 0; image < images; image++)
        {
            bits = image % 64 == 0 ? random.NextBits() : bits >> 1;
            var second = (byte)((bits ^ (uint)index) & 1);
            (weights[image], weights[images + image]) = ((byte)(1 - second), second);
        }
        weights[^1] = 1;
    }
}
