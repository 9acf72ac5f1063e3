using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Errors;

/// <summary>Detections and objects of an image across categories, written for reading.</summary>
internal static class NaivePool
{
    /// <summary>
    /// An image's best detections: at the protocol's limit the lower category of equal scores, at the narrower limit the one that stands first in the file.
    /// </summary>
    public static List<NaiveEvaluator.Detection> Best(RandomScene scene, long image, int limit)
    {
        var file = scene.Detections.ToList();
        return
        [
            .. file.Where(d => d.Image == image).OrderByDescending(d => d.Score).ThenBy(d => d.Category).Take(scene.Protocol.MaxDetections.Max())
                .OrderByDescending(d => d.Score).ThenBy(d => file.FindIndex(other => ReferenceEquals(other, d))).Take(limit),
        ];
    }
}
