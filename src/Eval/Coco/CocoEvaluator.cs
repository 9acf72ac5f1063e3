using Serve.Eval.Datasets;

namespace Serve.Eval.Coco;

/// <summary>Everything that one COCO evaluation gives.</summary>
public sealed class CocoEvaluation
{
}

/// <summary>Evaluates detections under the COCO protocol: match, accumulate, summarise.</summary>
public static class CocoEvaluator
{
    /// <summary>Evaluates detections against a dataset.</summary>
    /// <exception cref="InvalidInputException">What the reference refuses too, such as a detection on an image that the dataset does not list.</exception>
    public static CocoEvaluation Evaluate(Dataset dataset, DetectionTable detections, CocoProtocol protocol, CancellationToken ct = default)
        => throw new NotImplementedException(dataset.ContentHash + detections.Count + protocol.Name + ct);
}
