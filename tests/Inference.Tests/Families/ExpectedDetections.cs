using System.Text.Json;
using Serve.Eval;
using Serve.Inference.Detection;

namespace Serve.Inference.Tests.Families;

/// <summary>The detections that the authors' own way of running a model gives on a photo, and how closely ours have to agree.</summary>
internal sealed record ExpectedDetections(double Threshold, IReadOnlyList<ExpectedDetection> Detections)
{
    public static ExpectedDetections Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        return new ExpectedDetections(
            document.RootElement.GetProperty("threshold").GetDouble(), [.. document.RootElement.GetProperty("detections").EnumerateArray().Select(ExpectedDetection.Read)]);
    }

    /// <summary>What disagrees, a line each.</summary>
    /// <param name="found">Detections at or above <see cref="Threshold"/>.</param>
    /// <param name="overlap">Lowest intersection over union.</param>
    /// <param name="score">Largest difference in score.</param>
    public IEnumerable<string> Differences(IReadOnlyList<DetectedObject> found, double overlap, double score)
    {
        var free = found.ToList();
        foreach (var expected in Detections.Where(detection => detection.Score >= Threshold + 0.05))
        {
            var candidates = free.Where(detection => detection.Category.Name == expected.Label && Math.Abs(detection.Score - expected.Score) <= score).ToList();
            var best = candidates.OrderByDescending(detection => Overlap(detection.Box, expected.Box)).FirstOrDefault();
            if (candidates.Count == 0 || Overlap(best.Box, expected.Box) < overlap)
                yield return $"missing: {expected.Label} {expected.Score:0.0000} {Corners(expected.Box)}; nearest: {(candidates.Count == 0 ? Nearest(found, expected) : Text(best, expected))}";
            else
                free.Remove(best);
        }

        foreach (var more in free.Where(detection => detection.Score > Threshold + 0.15 && !Detections.Any(expected => IsOf(detection, expected, overlap))))
            yield return $"not expected: {more.Category.Name} {more.Score:0.0000} {Corners(more.Box)}";
    }

    private static bool IsOf(DetectedObject detection, ExpectedDetection expected, double overlap)
        => detection.Category.Name == expected.Label && Overlap(detection.Box, expected.Box) >= overlap;

    private static string Nearest(IReadOnlyList<DetectedObject> found, ExpectedDetection expected)
        => found.Count == 0 ? "none" : found.OrderByDescending(detection => Overlap(detection.Box, expected.Box)).Select(detection => Text(detection, expected)).First();

    private static string Text(DetectedObject detection, ExpectedDetection expected)
        => $"{detection.Category.Name} {detection.Score:0.0000} {Corners(detection.Box)} at overlap {Overlap(detection.Box, expected.Box):0.0000}";

    private static string Corners(Box box) => $"({box.X1:0.00}, {box.Y1:0.00})..({box.X2:0.00}, {box.Y2:0.00})";

    private static double Overlap(Box a, Box b)
    {
        var common = Math.Max(0, Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1)) * Math.Max(0, Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1));
        return common / (a.Width * a.Height + b.Width * b.Height - common);
    }
}

/// <summary>One of them.</summary>
internal sealed record ExpectedDetection(string Label, double Score, Box Box, string? Mask)
{
    public static ExpectedDetection Read(JsonElement element)
    {
        double[] box = [.. element.GetProperty("box").EnumerateArray().Select(number => number.GetDouble())];
        var mask = element.TryGetProperty("mask", out var value) ? value.GetProperty("counts").GetString() : null;
        return new ExpectedDetection(element.GetProperty("label").GetString()!, element.GetProperty("score").GetDouble(), new Box(box[0], box[1], box[2], box[3]), mask);
    }
}
