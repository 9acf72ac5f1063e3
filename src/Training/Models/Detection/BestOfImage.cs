using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Detection;

/// <summary>The last step of every detector: a fixed number of rows an image.</summary>
internal static class BestOfImage
{
    /// <summary>The best candidates by falling score, of equal ones the first; rows without one have score 0, label -1 and a box of zeros.</summary>
    /// <param name="boxes">[B, M, 4].</param>
    /// <param name="scores">[B, M], 0 for what is no candidate.</param>
    /// <param name="labels">[B, M] int64.</param>
    /// <param name="count">Rows D.</param>
    /// <returns>[B, D, 4], [B, D] and [B, D].</returns>
    public static DetectorOutput Take(TracedTensor boxes, TracedTensor scores, TracedTensor labels, int count)
    {
        // D empty candidates more, so that there are always D rows.
        var (best, order) = scores.PadEnd(1, count, 0).TopK(count);
        var isDetection = best.GreaterThan(best.Like(0));
        var bestLabels = labels.PadEnd(1, count, -1).GatherElements(order);
        var bestBoxes = boxes.PadEnd(1, count, 0).GatherRows(order);
        return new DetectorOutput(
            isDetection.Unsqueeze(2).Where(bestBoxes, bestBoxes.Like(0)),
            best,
            isDetection.Where(bestLabels, bestLabels.Like(-1)));
    }
}
