using Serve.Training.Boxes;
using Serve.Training.Models.Detection;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;

namespace Serve.Training.Models.Dense;

/// <summary>Turns the raw predictions of a dense detector into detections.</summary>
/// <remarks>
/// The published programs' inference: candidates where the class probability p is above the threshold; score p, times the centre-ness where there is one; the best of each
/// level; boxes clipped to the input; suppression per class; the best of the image. Letters: B images, K categories, A anchors a cell, M candidates of an image.
/// </remarks>
internal static class DenseDecoder
{
    /// <summary>Detections by falling score; rows without one have score 0, label -1 and a box of zeros.</summary>
    public static DetectorOutput Decode(TracedTensor images, IReadOnlyList<DenseLevel> levels, AnchorSpec anchors, DenseOptions options)
    {
        var candidates = levels.Select((level, index) => Candidates(level, anchors, index, options)).ToList();
        var boxes = CandidateSuppression.Clip(Shapes.Concat(1, [.. candidates.Select(c => c.Boxes)]), images);  // [B, M, 4]
        var scores = WithArea(boxes, Shapes.Concat(1, [.. candidates.Select(c => c.Scores)]));                  // [B, M]
        return CandidateSuppression.Best(boxes, scores, Shapes.Concat(1, [.. candidates.Select(c => c.Labels)]), options);
    }

    private static (TracedTensor Boxes, TracedTensor Scores, TracedTensor Labels) Candidates(DenseLevel level, AnchorSpec spec, int index, DenseOptions options)
    {
        var probability = Rows(level.Classes, options.CategoryCount).Sigmoid();             // [B, h w A, K]
        var score = level.Centerness is { } centerness ? probability * Rows(centerness, 1).Sigmoid() : probability;
        score = probability.GreaterThan(probability.Like(options.ScoreThreshold)).Where(score, score.Like(0));

        // Anchors first, classes inside: entry = anchor * K + class.
        var (scores, entries) = score.Reshape(0, -1).TopK(options.CandidatesPerLevel);      // [B, k]
        var rows = entries / entries.Like(options.CategoryCount);
        var labels = entries.Modulo(entries.Like(options.CategoryCount));

        var anchors = AnchorGrid.Of(spec, index, level.Classes, level.Stride).GatherRows0(rows); // [B, k, 4]
        var predictions = Rows(level.Boxes, options.BoxChannels).GatherRows(rows);          // [B, k, R]
        return (DenseBoxes.Decode(predictions, anchors, predictions.Like(level.Stride), options), scores, labels);
    }

    // [B, A C, h, w] -> [B, h w A, C]
    private static TracedTensor Rows(TracedTensor map, int channels) => map.Permute(0, 2, 3, 1).Reshape(0, -1, channels);

    // An anchor may be shifted out of the image: what is left of its box has no area, suppresses nothing and is no detection.
    private static TracedTensor WithArea(TracedTensor boxes, TracedTensor scores)
    {
        var sides = boxes.Slice(2, 2) - boxes.Slice(2, 0, 2);
        var smaller = sides.Slice(2, 0, 1).Minimum(sides.Slice(2, 1)).Reshape(0, -1);                           // [B, M]
        return smaller.GreaterThan(smaller.Like(0)).Where(scores, scores.Like(0));
    }
}
