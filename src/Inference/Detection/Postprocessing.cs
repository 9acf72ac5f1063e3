using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Detection;

/// <summary>Turns a model's objects into detections on the original picture.</summary>
internal static class Postprocessing
{
    /// <summary>
    /// Leaves out what scores too low, maps boxes to the original picture and cuts them at its edges, leaves out what then has no area, and keeps the
    /// best by falling score; equal scores keep the model's order.
    /// </summary>
    public static List<DetectedObject> Detections(List<Candidate> candidates, ResizePlan plan, Passport passport, DetectionOptions options)
    {
        var threshold = options.ScoreThreshold ?? passport.ScoreThreshold;
        var detections = new List<DetectedObject>(Math.Min(candidates.Count, options.MaxDetections));
        foreach (var candidate in InOrder(candidates))
        {
            if (candidate.Score < threshold || detections.Count == options.MaxDetections)
                break;
            var box = plan.Clip(plan.ToOriginal(candidate.Box));
            if (box.Width > 0 && box.Height > 0)
                detections.Add(new DetectedObject(passport.Categories[candidate.Label], candidate.Score, box));
        }

        return detections;
    }

    /// <summary>By falling score. Our own exports give that order already.</summary>
    private static IEnumerable<Candidate> InOrder(List<Candidate> candidates)
    {
        for (var i = 1; i < candidates.Count; i++)
        {
            if (candidates[i].Score > candidates[i - 1].Score)
                return candidates.OrderByDescending(candidate => candidate.Score);
        }

        return candidates;
    }
}
