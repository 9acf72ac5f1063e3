using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Serve.Training.Tracing.Operators;

/// <summary>Greedy non-maximum suppression per image and class, with the meaning of ONNX's operator.</summary>
/// <remarks>
/// Within an image and class, boxes are visited by falling score (of equal scores the one with the lower index first); a box is kept unless its IoU
/// with a kept one is larger than the threshold. Boxes without area suppress nothing and are not suppressed.
/// </remarks>
public static class NonMaxSuppression
{
    /// <summary>Places of the kept boxes.</summary>
    /// <param name="boxes">[B, N, 4] float32 corners.</param>
    /// <param name="scores">[B, K, N] float32; entries that are not above <paramref name="scoreThreshold"/> do not take part.</param>
    /// <param name="iouThreshold">Largest IoU of two kept boxes of one class.</param>
    /// <param name="scoreThreshold">Scores must be larger.</param>
    /// <param name="maxPerClass">Kept boxes of one image and class, at most.</param>
    /// <returns>[S, 2] int64: image and box; by image, then class, then falling score.</returns>
    public static TracedTensor SelectBoxes(this TracedTensor boxes, TracedTensor scores, float iouThreshold, float scoreThreshold, int maxPerClass)
    {
        var value = Select(boxes.Value, scores.Value, iouThreshold, scoreThreshold, maxPerClass);
        if (Tracer.Of(boxes, scores) is not { } tracer)
            return new TracedTensor(value);

        var triples = tracer.Add(
            "NonMaxSuppression",
            [
                tracer.NameOf(boxes), tracer.NameOf(scores), tracer.Constant(maxPerClass),
                tracer.Constant(tensor(new[] { iouThreshold })), tracer.Constant(tensor(new[] { scoreThreshold })),
            ]);
        return tracer.Wrap(value, tracer.Add("Gather", [triples, tracer.Constant(0, 2)], Attributes.Of("axis", 1)));
    }

    private static Tensor Select(Tensor boxes, Tensor scores, float iouThreshold, float scoreThreshold, int maxPerClass)
    {
        var (images, classes, count) = (scores.shape[0], scores.shape[1], (int)scores.shape[2]);
        using var scope = NewDisposeScope();
        var values = HostRead.Floats(cat([boxes.detach().flatten(), scores.detach().flatten()]));
        var corners = MemoryMarshal.Cast<float, Corners>(values.AsSpan(0, (int)images * count * 4));
        var confidences = values.AsSpan((int)images * count * 4);
        var places = new List<long>();
        var kept = new List<int>();
        for (var image = 0; image < images; image++)
        {
            var ofImage = corners.Slice(image * count, count);
            for (var category = 0; category < classes; category++)
            {
                var offset = (int)((image * classes + category) * count);
                Select(ofImage, confidences.Slice(offset, count), iouThreshold, scoreThreshold, maxPerClass, kept);
                foreach (var index in kept)
                {
                    places.Add(image);
                    places.Add(index);
                }
            }
        }

        return tensor(CollectionsMarshal.AsSpan(places).ToArray(), device: boxes.device).view(-1, 2).MoveToOuterDisposeScope();
    }

    private static void Select(
        ReadOnlySpan<Corners> boxes, ReadOnlySpan<float> scores, float iouThreshold, float scoreThreshold, int maxPerClass, List<int> kept)
    {
        kept.Clear();
        var order = new List<(float Score, int Index)>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (scores[i] > scoreThreshold)
                order.Add((scores[i], i));
        }

        order.Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Index.CompareTo(b.Index));
        foreach (var (_, index) in order)
        {
            if (kept.Count == maxPerClass)
                return;
            if (!Suppressed(boxes, kept, index, iouThreshold))
                kept.Add(index);
        }
    }

    private static bool Suppressed(ReadOnlySpan<Corners> boxes, List<int> kept, int index, float iouThreshold)
    {
        foreach (var other in kept)
        {
            if (Overlaps(boxes[index], boxes[other], iouThreshold))
                return true;
        }

        return false;
    }

    // Single precision and this order of operations, so that a pair at the threshold falls to the same side as in ONNX Runtime.
    private static bool Overlaps(in Corners a, in Corners b, float threshold)
    {
        var width = MathF.Min(MathF.Max(a.X1, a.X2), MathF.Max(b.X1, b.X2)) - MathF.Max(MathF.Min(a.X1, a.X2), MathF.Min(b.X1, b.X2));
        var height = MathF.Min(MathF.Max(a.Y1, a.Y2), MathF.Max(b.Y1, b.Y2)) - MathF.Max(MathF.Min(a.Y1, a.Y2), MathF.Min(b.Y1, b.Y2));
        if (width <= 0 || height <= 0)
            return false;
        var intersection = width * height;
        var (areaA, areaB) = (a.Area, b.Area);
        var union = areaA + areaB - intersection;
        return intersection > 0 && areaA > 0 && areaB > 0 && union > 0 && intersection / union > threshold;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Corners(float X1, float Y1, float X2, float Y2)
    {
        public float Area => MathF.Abs(X2 - X1) * MathF.Abs(Y2 - Y1);
    }
}
