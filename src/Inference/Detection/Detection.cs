using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Inference.Detection;

/// <summary>One detected object.</summary>
/// <param name="Category">Its category.</param>
/// <param name="Score">Confidence, 0..1.</param>
/// <param name="Box">Pixels of the upright original picture.</param>
public readonly record struct DetectedObject(Category Category, float Score, Box Box);

/// <summary>Time spent per stage, in milliseconds.</summary>
public sealed record DetectionTimings(double Queue, double Preprocess, double Infer, double Postprocess);

/// <summary>The detections of one picture, by falling score.</summary>
public sealed record DetectionResult(IReadOnlyList<DetectedObject> Detections, DetectionTimings Timings);

/// <summary>What to return.</summary>
/// <param name="ScoreThreshold">Detections below it are left out; null for the passport's.</param>
/// <param name="MaxDetections">At most so many.</param>
/// <param name="Background">True for evaluation shards, which give way to interactive requests.</param>
public sealed record DetectionOptions(double? ScoreThreshold = null, int MaxDetections = 100, bool Background = false);
