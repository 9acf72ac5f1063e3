using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serve.Eval.Statistics;

/// <summary>The weights of a block of weightings, row by row, a byte for each weighting. For one thread.</summary>
/// <param name="weights">Where they come from.</param>
/// <param name="copies">Rows for copies of each image; 1 for none.</param>
internal sealed class WeightRows(ImageWeights weights, int copies)
{
    private readonly byte[] rows = new byte[(weights.Rows + (copies > 1 ? weights.Rows * copies : 0)) * Lanes.Count];
    private readonly byte[] column = new byte[weights.Rows];

    /// <summary>The first weight of row 0; a row has <see cref="Lanes.Count"/>.</summary>
    public ref byte First => ref MemoryMarshal.GetArrayDataReference(rows);

    /// <summary>Fills all rows.</summary>
    /// <param name="first">The block's first weighting. After the last of all, weights are 0.</param>
    public void Fill(int first)
    {
        for (var lane = 0; lane < Lanes.Count; lane++)
        {
            if (first + lane < weights.Count)
                weights.Fill(first + lane, column);
            else
                column.AsSpan().Clear();
            for (var row = 0; row < column.Length; row++)
                rows[(row * Lanes.Count) + lane] = column[row];
        }
        if (copies > 1)
            FillCopies();
    }

    /// <summary>Row image * copies + c after the images: whether the image occurs more than c times.</summary>
    private void FillCopies()
    {
        ref var first = ref First;
        var at = (nuint)column.Length;
        for (nuint image = 0; image < (nuint)column.Length; image++)
        {
            var weight = Vector128.LoadUnsafe(ref first, image * Lanes.Count);
            for (var copy = 0; copy < copies; copy++, at++)
                (Vector128.GreaterThan(weight, Vector128.Create((byte)copy)) & Vector128<byte>.One).StoreUnsafe(ref first, at * Lanes.Count);
        }
    }
}
