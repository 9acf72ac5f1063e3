using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;

namespace Serve.Inference.Detection;

/// <summary>One detected object.</summary>
/// <param name="Category">Its category.</param>
/// <param name="Score">Confidence, 0..1.</param>
/// <param name="Box">Pixels of the upright original picture.</param>
public readonly record struct DetectedObject(Category Category, float Score, Box Box)
{
    /// <summary>Its mask in the size of the upright original picture; null where the model gives none.</summary>
    public RunLengths? Mask { get; init; }

    /// <summary>Its keypoints, pixels of the upright original picture; null where the model gives none.</summary>
    public IReadOnlyList<Keypoint>? Keypoints { get; init; }
}

/// <summary>A keypoint of a detected object.</summary>
/// <param name="X">Pixels from the left edge of the upright original picture.</param>
/// <param name="Y">Pixels from its top edge.</param>
/// <param name="Score">Confidence; null where the model gives none.</param>
public readonly record struct Keypoint(double X, double Y, float? Score);
