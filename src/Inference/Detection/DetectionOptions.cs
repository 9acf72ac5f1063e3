namespace Serve.Inference.Detection;

/// <summary>What to return, and when.</summary>
/// <param name="ScoreThreshold">Detections below it are left out; null for the passport's.</param>
/// <param name="MaxDetections">At most so many.</param>
/// <param name="Background">True for evaluation shards, which give way to interactive requests and are run one picture at a time.</param>
/// <param name="Iou">Overlap above which a better box suppresses another of its category; null for the passport's.</param>
/// <param name="Priority">1 is the highest, larger is lower, 0 the model's default level. Equal levels keep the order of arrival.</param>
/// <param name="Timeout">How long the request may wait for its run; null for the model's own limit.</param>
/// <param name="Masks">Whether masks are drawn, where the model gives them.</param>
public sealed record DetectionOptions(
    double? ScoreThreshold = null, int MaxDetections = 100, bool Background = false, double? Iou = null, int Priority = 0, TimeSpan? Timeout = null,
    bool Masks = true);
