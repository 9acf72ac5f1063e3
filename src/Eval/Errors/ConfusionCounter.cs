using System.Runtime.InteropServices;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>Counts the cells of a confusion matrix.</summary>
/// <param name="pool">What takes part.</param>
/// <param name="overlaps">Overlaps, at least from <see cref="TakenObjects.Enough"/> on.</param>
/// <param name="iouThreshold">Overlap from which a detection lies on an object.</param>
/// <param name="scoreThreshold">Score from which detections count.</param>
internal sealed class ConfusionCounter(ImagePool pool, PooledOverlaps overlaps, double iouThreshold, double scoreThreshold)
{
    private readonly int background = pool.CategoryIds.Length;

    /// <summary>Counts all images.</summary>
    public ConfusionMatrix Count(CategoryNames names, int threads, CancellationToken ct)
    {
        var taken = TakenObjects.Of(pool, overlaps, iouThreshold, scoreThreshold, threads, ct);
        var cells = new Dictionary<(int Truth, int Detected), long>();
        Chunks.For(pool.Input.Groups.Length, threads, (from, to) =>
        {
            var counts = new Dictionary<(int Truth, int Detected), long>();
            foreach (var image in pool.Input.Groups.AsSpan(from, to - from))
                Count(image, taken, counts);
            lock (cells)
            {
                foreach (var (cell, count) in counts)
                    CollectionsMarshal.GetValueRefOrAddDefault(cells, cell, out _) += count;
            }
        }, ct);
        var (truth, detected) = (new long[background + 1], new long[background + 1]);
        foreach (var (cell, count) in cells)
        {
            truth[cell.Truth] += count;
            detected[cell.Detected] += count;
        }
        return new()
        {
            IouThreshold = iouThreshold,
            ScoreThreshold = scoreThreshold,
            Categories = [.. pool.CategoryIds.Select(id => new ConfusionCategory(id, names[id]))],
            Cells = [.. cells.OrderBy(cell => cell.Key).Select(cell => new ConfusionCell(cell.Key.Truth, cell.Key.Detected, cell.Value))],
            TruthTotals = truth,
            DetectedTotals = detected,
        };
    }

    private void Count(PairGroup image, TakenObjects taken, Dictionary<(int Truth, int Detected), long> counts)
    {
        for (var d = image.DetectionStart; d < image.DetectionStart + image.DetectionCount; d++)
        {
            if (taken.By[d] is >= TakenObjects.None and var g)
                CollectionsMarshal.GetValueRefOrAddDefault(counts, (g < 0 ? background : pool.GroundTruthCategories[g], pool.DetectionCategories[d]), out _)++;
        }
        for (var g = image.GroundTruthStart; g < image.GroundTruthStart + image.GroundTruthCount; g++)
        {
            if (pool.Counts(g) && taken.Takers[g] < 0)
                CollectionsMarshal.GetValueRefOrAddDefault(counts, (pool.GroundTruthCategories[g], background), out _)++;
        }
    }
}
