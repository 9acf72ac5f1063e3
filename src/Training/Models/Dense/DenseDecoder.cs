using Serve.Training.Boxes;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

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
        return Best(
            images,
            Shapes.Concat(1, [.. candidates.Select(c => c.Boxes)]),                         // [B, M, 4]
            Shapes.Concat(1, [.. candidates.Select(c => c.Scores)]),                        // [B, M]
            Shapes.Concat(1, [.. candidates.Select(c => c.Labels)]),                        // [B, M]
            options);
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

    private static DetectorOutput Best(TracedTensor images, TracedTensor all, TracedTensor confidences, TracedTensor labels, DenseOptions options)
    {
        // An anchor may be shifted out of the image: what is left of its box has no area and would suppress nothing.
        var boxes = Clip(all, images);
        var sides = boxes.Slice(2, 2) - boxes.Slice(2, 0, 2);
        var smaller = sides.Slice(2, 0, 1).Minimum(sides.Slice(2, 1)).Reshape(0, -1);       // [B, M]
        var scores = smaller.GreaterThan(smaller.Like(0)).Where(confidences, confidences.Like(0));

        // More than D of one class cannot be among the best D of the image.
        var places = boxes.SelectBoxes(PerClass(scores, labels, options.CategoryCount), (float)options.NmsIouThreshold, 0, options.MaxDetections);
        var kept = scores.KeepOnly(places);                                                 // [B, M], 0 where suppressed

        // D empty candidates more, so that there are always D rows.
        var (best, order) = kept.PadEnd(1, options.MaxDetections, 0).TopK(options.MaxDetections); // [B, D]
        var isDetection = best.GreaterThan(best.Like(0));
        var bestLabels = labels.PadEnd(1, options.MaxDetections, -1).GatherElements(order);
        var bestBoxes = boxes.PadEnd(1, options.MaxDetections, 0).GatherRows(order);
        return new DetectorOutput(isDetection.Unsqueeze(2).Where(bestBoxes, bestBoxes.Like(0)), best, isDetection.Where(bestLabels, bestLabels.Like(-1)));
    }

    private static TracedTensor Clip(TracedTensor boxes, TracedTensor images)
    {
        var (width, height) = (images.Size(3), images.Size(2));
        return boxes.Maximum(boxes.Like(0)).Minimum(Shapes.Concat(0, width, height, width, height).Cast(float32));
    }

    // [B, K, M]: the score in the row of the candidate's class, 0 in the others.
    private static TracedTensor PerClass(TracedTensor scores, TracedTensor labels, int categories)
    {
        var classes = new TracedTensor(arange(categories, dtype: int64, device: scores.Value.device).unsqueeze(1)); // [K, 1]
        return labels.Unsqueeze(1).EqualTo(classes).Where(scores.Unsqueeze(1), scores.Like(0));
    }
}
