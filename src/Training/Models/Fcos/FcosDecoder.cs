using Serve.Training.Models.Detection;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Fcos;

/// <summary>Turns the raw predictions of FCOS into detections.</summary>
/// <remarks>
/// The published code's inference: candidates where the class probability p alone is above the threshold; score sqrt(p * centre-ness); the best
/// of each level; boxes clipped to the input; suppression per class; the best of the image.
/// Letters: B images, K categories, M candidates of an image, D rows put out.
/// </remarks>
internal static class FcosDecoder
{
    /// <summary>Detections by falling score; rows without one have score 0, label -1 and a box of zeros.</summary>
    public static DetectorOutput Decode(TracedTensor images, IReadOnlyList<FcosLevel> levels, FcosOptions options)
    {
        var candidates = levels.Select(level => Candidates(level, options)).ToList();
        var boxes = Clip(Shapes.Concat(1, [.. candidates.Select(c => c.Boxes)]), images); // [B, M, 4]
        var scores = Shapes.Concat(1, [.. candidates.Select(c => c.Scores)]);             // [B, M]
        var labels = Shapes.Concat(1, [.. candidates.Select(c => c.Labels)]);             // [B, M]

        // More than D of one class cannot be among the best D of the image.
        var places = boxes.SelectBoxes(PerClass(scores, labels, options.CategoryCount), (float)options.NmsIouThreshold, 0, options.MaxDetections);
        var kept = scores.KeepOnly(places);                                               // [B, M], 0 where suppressed
        return BestOfImage.Take(boxes, kept, labels, options.MaxDetections);
    }

    private static (TracedTensor Boxes, TracedTensor Scores, TracedTensor Labels) Candidates(FcosLevel level, FcosOptions options)
    {
        var probability = level.ClassLogits.Sigmoid();                                    // [B, K, H, W]
        var score = (probability * level.Centerness.Sigmoid()).Sqrt();
        score = probability.GreaterThan(probability.Like(options.ScoreThreshold)).Where(score, score.Like(0));

        // Locations first, classes inside: entry = location * K + class.
        var (scores, entries) = score.Permute(0, 2, 3, 1).Reshape(0, -1).TopK(options.CandidatesPerLevel); // [B, k]
        var locations = entries / entries.Like(options.CategoryCount);
        var labels = entries.Modulo(entries.Like(options.CategoryCount));

        var distances = level.Distances.Permute(0, 2, 3, 1).Reshape(0, -1, 4).GatherRows(locations); // [B, k, 4]
        return (Boxes(level, locations, distances), scores, labels);
    }

    // The centre of cell (i, j) is (j * stride + stride / 2, i * stride + stride / 2); distances point left, top, right, bottom.
    private static TracedTensor Boxes(FcosLevel level, TracedTensor locations, TracedTensor distances)
    {
        var columns = level.ClassLogits.Size(3);
        var cells = Shapes.Concat(2, locations.Modulo(columns).Unsqueeze(2), (locations / columns).Unsqueeze(2)); // [B, k, 2] (j, i)
        var centres = cells.Cast(float32) * level.Stride + level.Stride / 2;
        var outwards = new TracedTensor(tensor(new float[] { -level.Stride, -level.Stride, level.Stride, level.Stride }, device: distances.Value.device));
        return Shapes.Concat(2, centres, centres) + distances * outwards;                 // [B, k, 4]
    }

    private static TracedTensor Clip(TracedTensor boxes, TracedTensor images)
    {
        var (width, height) = (images.Size(3), images.Size(2));
        var limits = Shapes.Concat(0, width, height, width, height).Cast(float32);        // [4]
        return boxes.Maximum(boxes.Like(0)).Minimum(limits);
    }

    // [B, K, M]: the score in the row of the candidate's class, 0 in the others.
    private static TracedTensor PerClass(TracedTensor scores, TracedTensor labels, int categories)
    {
        var classes = new TracedTensor(arange(categories, dtype: int64, device: scores.Value.device).unsqueeze(1)); // [K, 1]
        return labels.Unsqueeze(1).EqualTo(classes).Where(scores.Unsqueeze(1), scores.Like(0));
    }
}
