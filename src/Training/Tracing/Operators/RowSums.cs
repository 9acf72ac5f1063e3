using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Weighted sums of rows.</summary>
internal static class RowSums
{
    /// <summary>For each list of places, the weighted sum of the rows there. Differentiable in the rows; the same result every time.</summary>
    /// <remarks>
    /// One call of libtorch's embedding bag, whose "embeddings" may be the result of other operators: the temporary [Q, T, C], which gathering and multiplying
    /// would make, does not exist.
    /// </remarks>
    /// <param name="rows">[M, C] float32.</param>
    /// <param name="index">[Q, T] int64, 0..M-1; or [P] with <paramref name="starts"/>.</param>
    /// <param name="weights">The index's shape, float32; constants.</param>
    /// <param name="starts">[Q] int64, where each list starts in a one-dimensional index; null for lists of one length.</param>
    /// <returns>[Q, C]; a list without places gives zeros. The caller owns it.</returns>
    public static Tensor Weighted(Tensor rows, Tensor index, Tensor weights, Tensor? starts = null)
    {
        using var scope = NewDisposeScope();

        // Made for one call: the module holds its weights, and through them the whole graph that made them.
        using var bag = nn.EmbeddingBag_from_pretrained(rows.alias(), freeze: !rows.requires_grad, mode: EmbeddingBagMode.Sum);
        return bag.forward(index, starts, weights).MoveToOuterDisposeScope();
    }
}
