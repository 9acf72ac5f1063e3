using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Boxes;

/// <summary>Rows that were drawn for each image of a batch. B images, S rows each: positives first, then negatives, then rows that do not count.</summary>
/// <param name="Index">[B, S] int64 row; 0 where not valid.</param>
/// <param name="Positive">[B, S] bool.</param>
/// <param name="Valid">[B, S] bool.</param>
public sealed record SampledRows(Tensor Index, Tensor Positive, Tensor Valid)
{
    /// <summary>Moves the tensors to the scope outside the innermost one.</summary>
    public SampledRows MoveToOuterDisposeScope()
    {
        foreach (var tensor in new[] { Index, Positive, Valid })
            tensor.MoveToOuterDisposeScope();
        return this;
    }

    /// <summary>Without the rows that count for no image, but at least one. Only on the CPU, where looking at the counts makes nothing wait; elsewhere all rows stay.</summary>
    /// <returns>In the current dispose scope.</returns>
    public SampledRows TrimmedOnCpu()
    {
        if (Valid.device_type != DeviceType.CPU)
            return this;
        var rows = Math.Max(1, Valid.sum(1L).max().item<long>());
        return new(Index[.., ..(int)rows], Positive[.., ..(int)rows], Valid[.., ..(int)rows]);
    }
}
