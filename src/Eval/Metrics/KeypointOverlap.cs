using System.Buffers;
using Serve.Eval.Datasets;

namespace Serve.Eval.Metrics;

/// <summary>
/// Object keypoint similarity (COCO API, <c>computeOks</c>): the mean over labelled keypoints of exp(-d² / (2 s² (2 sigma)²)), with d the distance in pixels and
/// s² the object's area. An object without labelled keypoints is compared by how far keypoints lie outside its doubled box.
/// </summary>
internal sealed class KeypointOverlap : IOverlap
{
    // numpy's spacing(1), added to areas as the reference does.
    private const double Epsilon = 1.0 / (1L << 52);

    private readonly double[] variances;

    /// <summary>Prepares the similarity.</summary>
    /// <param name="sigmas">Falloff of each keypoint. [K]</param>
    public KeypointOverlap(IReadOnlyList<double> sigmas) => variances = [.. sigmas.Select(sigma => sigma * 2 * (sigma * 2))];

    /// <summary>Ground truths, by row.</summary>
    public required IReadOnlyList<GroundTruth> Objects { get; init; }

    /// <summary>Keypoints of ground truths, by row, as many as there are sigmas.</summary>
    public required KeypointTable ObjectKeypoints { get; init; }

    /// <summary>Keypoints of detections, by row, as many as there are sigmas.</summary>
    public required KeypointTable DetectionKeypoints { get; init; }

    /// <summary>Row of each ground truth position.</summary>
    public required int[] ObjectRows { get; init; }

    /// <summary>Row of each detection position.</summary>
    public required int[] DetectionRows { get; init; }

    /// <inheritdoc/>
    public void Compute(PairGroup group, Span<double> overlaps)
    {
        var values = variances.Length * KeypointTable.Values;
        // One rented piece for all: the keypoints of a ground truth, the terms of a sum, and the keypoints of the detections.
        var rented = ArrayPool<double>.Shared.Rent((group.DetectionCount * values) + values + variances.Length);
        Span<double> wanted = rented.AsSpan(0, values), terms = rented.AsSpan(values, variances.Length), found = rented.AsSpan(values + variances.Length);
        for (var i = 0; i < group.DetectionCount; i++)
            DetectionKeypoints.CopyTo(DetectionRows[group.DetectionStart + i], found.Slice(i * values, values));
        for (var j = 0; j < group.GroundTruthCount; j++)
        {
            var row = ObjectRows[group.GroundTruthStart + j];
            ObjectKeypoints.CopyTo(row, wanted);
            for (var i = 0; i < group.DetectionCount; i++)
                overlaps[(i * group.GroundTruthCount) + j] = Similarity(found.Slice(i * values, values), wanted, Objects[row], terms);
        }
        ArrayPool<double>.Shared.Return(rented);
    }

    private double Similarity(ReadOnlySpan<double> found, ReadOnlySpan<double> wanted, GroundTruth target, Span<double> terms)
    {
        var area = target.Area + Epsilon;
        var count = 0;
        for (var k = 0; k < variances.Length; k++)
        {
            var at = k * KeypointTable.Values;
            if (wanted[at + 2] > 0)
                terms[count++] = Term(found[at] - wanted[at], found[at + 1] - wanted[at + 1], k, area);
        }
        if (count == 0)
        {
            var (left, right) = (target.X - target.Width, target.X + (target.Width * 2));
            var (top, bottom) = (target.Y - target.Height, target.Y + (target.Height * 2));
            for (; count < variances.Length; count++)
            {
                var (x, y) = (found[count * KeypointTable.Values], found[(count * KeypointTable.Values) + 1]);
                terms[count] = Term(Math.Max(0, left - x) + Math.Max(0, x - right), Math.Max(0, top - y) + Math.Max(0, y - bottom), count, area);
            }
        }
        return PairwiseSum.Sum(terms[..count]) / count;
    }

    private double Term(double dx, double dy, int keypoint, double area) => Math.Exp(-(((dx * dx) + (dy * dy)) / variances[keypoint] / area / 2));
}
