using Serve.Eval;
using static TorchSharp.torch;

namespace Serve.Training.Boxes;

/// <summary>Draws a fixed number of rows of each image: at most a share of them positive, the rest negative, and fewer rows where there are not so many.</summary>
/// <remarks>
/// Every subset of that size has the same probability. The draw is a function of the seed and the image's place in the batch, whatever the other images are,
/// and is made on the CPU, so that all devices draw alike and none has to wait. Letters: B images, N rows, S rows drawn.
/// </remarks>
/// <param name="count">Rows of an image.</param>
/// <param name="share">Largest share of positives.</param>
public sealed class RandomSampler(int count, double share)
{
    private readonly int positives = (int)(count * share);

    /// <summary>Draws rows.</summary>
    /// <param name="labels">[B, N] int8: 1 positive, 0 negative, others are not drawn.</param>
    /// <param name="seed">Seed of the draw.</param>
    /// <returns>S is <c>count</c>. Moved to the caller's dispose scope.</returns>
    public SampledRows Sample(Tensor labels, long seed)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        var keys = Keys(labels.shape[0], labels.shape[1], seed).to(labels.device);          // [B, N], 0..1
        var (first, firstRows) = Largest(labels.eq(1), keys, positives);
        var (second, secondRows) = Largest(labels.eq(0), keys, count);
        var chosen = first.sum(1L, keepdim: true);                                          // [B, 1] positives drawn
        var place = arange(count, dtype: int64, device: labels.device).unsqueeze(0);        // [1, S]
        var positive = place.lt(chosen);
        var (other, others) = ((place - chosen).clamp(min: 0), second.sum(1L, keepdim: true));
        var valid = positive.logical_or(other.lt(others).logical_and(place.ge(chosen)));

        var rows = where(positive, Take(firstRows, place.expand_as(positive)), Take(secondRows, other));
        return new SampledRows(where(valid, rows, 0L), positive, valid).MoveToOuterDisposeScope();
    }

    // The rows with the largest keys of those that are wanted, and which of them are.
    private static (Tensor Wanted, Tensor Rows) Largest(Tensor wanted, Tensor keys, int most)
    {
        var (values, rows) = where(wanted, keys, -1f).topk((int)Math.Min(Math.Max(most, 1), keys.shape[1]), dim: 1);
        var within = arange(values.shape[1], dtype: int64, device: keys.device).lt(most);   // most may be 0
        return (values.ge(0).logical_and(within), rows);
    }

    private static Tensor Take(Tensor rows, Tensor places) => rows.gather(1, places.clamp(max: rows.shape[1] - 1));

    private static Tensor Keys(long images, long rows, long seed)
    {
        var keys = new Tensor[images];
        for (var image = 0; image < images; image++)
        {
            using var generator = new Generator(new SplitMix64(seed, image).NextBits() >> 1, CPU);
            keys[image] = rand([rows], generator: generator);
        }

        return stack(keys);
    }
}
