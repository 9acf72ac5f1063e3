using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Inference.Detection;

/// <summary>One detected object.</summary>
/// <param name="Category">Its category.</param>
/// <param name="Score">Confidence, 0..1.</param>
/// <param name="Box">Pixels of the upright original picture.</param>
public readonly record struct DetectedObject(Category Category, float Score, Box Box);
