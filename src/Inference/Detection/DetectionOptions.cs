namespace Serve.Inference.Detection;

/// <summary>What to return.</summary>
/// <param name="ScoreThreshold">Detections below it are left out; null for the passport's.</param>
/// <param name="MaxDetections">At most so many.</param>
/// <param name="Background">True for evaluation shards, which give way to interactive requests and are run one picture at a time.</param>
/// <param name="Iou">Boxes that overlap a better one by more than this are dropped, where the server suppresses; null for the passport's.</param>
public sealed record DetectionOptions(double? ScoreThreshold = null, int MaxDetections = 100, bool Background = false, double? Iou = null);
