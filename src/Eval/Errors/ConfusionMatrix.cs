using Serve.Eval.Datasets;

namespace Serve.Eval.Errors;

/// <summary>What the counts of a confusion matrix are divided by.</summary>
public enum ConfusionShare
{
    /// <summary>By what is in truth of the row's category: the diagonal is recall.</summary>
    OfTruth,

    /// <summary>By what is detected as the column's category: the diagonal is precision.</summary>
    OfDetected,

    /// <summary>By everything counted.</summary>
    OfAll,
}

/// <summary>A category of a confusion matrix.</summary>
/// <param name="Id">Its id; -1 where categories are pooled.</param>
/// <param name="Name">Its name.</param>
public sealed record ConfusionCategory(long Id, string Name);

/// <summary>A cell that is not zero.</summary>
/// <param name="Truth">Row: index of the category in truth; the number of categories stands for background.</param>
/// <param name="Detected">Column: index of the detected category; the number of categories stands for nothing detected.</param>
/// <param name="Count">How often.</param>
public sealed record ConfusionCell(int Truth, int Detected, long Count);

/// <summary>
/// What objects are taken for. Rows are the categories in truth, columns the detected ones; the last row (background) holds detections on no object, the last
/// column objects that nothing was detected on. Only cells that are not zero are kept: with 1,230 categories they are few.
/// </summary>
/// <remarks>
/// In each image the detections from a score on, best score first, each take the free object that they overlap most, of whatever category: among equal overlaps
/// one of their own category, then the earlier in the file. Only then are the categories compared. Objects that nobody has to find (crowds, difficult ones)
/// take no part; a detection that takes nothing and overlaps such an object of its own category enough is left out, as is one of a category that is not
/// annotated exhaustively on the image. All sizes.
/// </remarks>
public sealed record ConfusionMatrix
{
    /// <summary>Overlap from which a detection lies on an object.</summary>
    public required double IouThreshold { get; init; }

    /// <summary>Score from which detections count.</summary>
    public required double ScoreThreshold { get; init; }

    /// <summary>The categories by rising id. [K]</summary>
    public required IReadOnlyList<ConfusionCategory> Categories { get; init; }

    /// <summary>The cells that are not zero, by row, then column.</summary>
    public required IReadOnlyList<ConfusionCell> Cells { get; init; }

    /// <summary>Sums of the rows, background last. [K + 1]</summary>
    public required IReadOnlyList<long> TruthTotals { get; init; }

    /// <summary>Sums of the columns, nothing detected last. [K + 1]</summary>
    public required IReadOnlyList<long> DetectedTotals { get; init; }

    /// <summary>Counts what objects are taken for.</summary>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="detections">Detections; none is allowed.</param>
    /// <param name="protocol">Says what takes part and what overlap is measured on; its thresholds and sizes play no part.</param>
    /// <param name="options">Overlap, score (null for every detection) and the detection limit.</param>
    /// <param name="threads">Most threads; -1 for one a core. The result does not depend on it.</param>
    /// <param name="ct">Cancels between images.</param>
    /// <exception cref="InvalidInputException">An option is out of range, or an evaluation would refuse the input.</exception>
    public static ConfusionMatrix Of(
        Dataset dataset, DetectionTable detections, Protocol protocol, ErrorOptions options, int threads = -1, CancellationToken ct = default)
    {
        var pool = ImagePool.Of(dataset, detections, protocol, options, threads, ct);
        var overlaps = PooledOverlaps.Find(pool.Input, TakenObjects.Enough(options.IouThreshold), threads, ct);
        var lowest = detections.Count == 0 ? 0 : Lowest(detections.Scores);
        return new ConfusionCounter(pool, overlaps, options.IouThreshold, options.ScoreThreshold ?? lowest).Count(new(dataset, protocol), threads, ct);
    }

    /// <summary>A count.</summary>
    /// <param name="truth">Row; the number of categories for background.</param>
    /// <param name="detected">Column; the number of categories for nothing detected.</param>
    public long Count(int truth, int detected)
    {
        int low = 0, high = Cells.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if ((Cells[middle].Truth, Cells[middle].Detected).CompareTo((truth, detected)) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low < Cells.Count && Cells[low].Truth == truth && Cells[low].Detected == detected ? Cells[low].Count : 0;
    }

    /// <summary>A count as a part, 0 to 1; null where there is nothing to divide by.</summary>
    /// <param name="truth">Row; the number of categories for background.</param>
    /// <param name="detected">Column; the number of categories for nothing detected.</param>
    /// <param name="share">What it is divided by.</param>
    public double? Share(int truth, int detected, ConfusionShare share)
    {
        var whole = share switch
        {
            ConfusionShare.OfTruth => TruthTotals[truth],
            ConfusionShare.OfDetected => DetectedTotals[detected],
            _ => TruthTotals.Sum(),
        };
        return whole == 0 ? null : (double)Count(truth, detected) / whole;
    }

    /// <summary>The whole matrix, zeros included. [K + 1, K + 1]</summary>
    public long[,] ToDense()
    {
        var dense = new long[Categories.Count + 1, Categories.Count + 1];
        foreach (var cell in Cells)
            dense[cell.Truth, cell.Detected] = cell.Count;
        return dense;
    }

    /// <summary>The pairs of categories that are taken for each other most often, background left out; equal counts by row, then column.</summary>
    /// <param name="count">Most pairs.</param>
    public IReadOnlyList<ConfusionCell> MostConfused(int count) =>
    [
        .. Cells.Where(cell => cell.Truth != cell.Detected && cell.Truth < Categories.Count && cell.Detected < Categories.Count)
            .OrderByDescending(cell => cell.Count).Take(count),
    ];

    private static double Lowest(ReadOnlySpan<double> scores)
    {
        var lowest = scores[0];
        foreach (var score in scores)
            lowest = Math.Min(lowest, score);
        return lowest;
    }
}
