using Serve.Eval.Formats;

namespace Serve.Eval.Checks;

/// <summary>Looks for everything that is wrong with a dataset, instead of stopping at the first fault.</summary>
public static class DatasetCheck
{
    /// <summary>Checks records that were read, without their pictures.</summary>
    /// <param name="splits">The splits.</param>
    /// <param name="faults">Is told what is wrong.</param>
    public static void CheckRecords(IReadOnlyList<DatasetSplit> splits, IFaultSink faults)
    {
        ArgumentNullException.ThrowIfNull(splits);
        ArgumentNullException.ThrowIfNull(faults);
        foreach (var split in splits)
        {
            IdChecks.Check(split, faults);
            BoxChecks.Check(split, faults);
            MaskChecks.Check(split, faults);
            KeypointChecks.Check(split, faults);
            CoverageChecks.Check(split, faults);
        }
        SplitChecks.Check(splits, faults);
    }

    /// <summary>Checks what several records must agree on; a dataset that fails cannot be written in another format.</summary>
    internal static void RequireConsistentIds(DatasetSplit split, IFaultSink faults) => IdChecks.Check(split, faults);

    /// <summary>Checks the pictures: whether they are there, as large as declared, and in one split only.</summary>
    /// <param name="splits">The splits.</param>
    /// <param name="size">Reads the size of a picture; null to look only whether it is there.</param>
    /// <param name="faults">Is told what is wrong.</param>
    /// <param name="progress">Told the number of pictures looked at.</param>
    /// <param name="ct">Cancels.</param>
    public static Task CheckPicturesAsync(IReadOnlyList<DatasetSplit> splits, PictureSizeReader? size, IFaultSink faults, IProgress<int>? progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(splits);
        ArgumentNullException.ThrowIfNull(faults);
        return PictureChecks.CheckAsync(splits, size, faults, progress, ct);
    }
}
