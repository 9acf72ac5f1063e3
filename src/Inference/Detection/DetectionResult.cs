namespace Serve.Inference.Detection;

/// <summary>Time spent per stage, in milliseconds.</summary>
public sealed record DetectionTimings(double Queue, double Preprocess, double Infer, double Postprocess);

/// <summary>The detections of one picture, by falling score.</summary>
public sealed record DetectionResult(IReadOnlyList<DetectedObject> Detections, DetectionTimings Timings)
{
    /// <summary>How many pictures were in its run.</summary>
    public int BatchSize { get; init; } = 1;
}
