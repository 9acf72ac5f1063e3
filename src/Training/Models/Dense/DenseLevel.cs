using Serve.Training.Tracing;

namespace Serve.Training.Models.Dense;

/// <summary>Raw predictions of a dense detector on one pyramid level. A anchors a cell, K categories; channels are anchor by anchor.</summary>
/// <param name="Stride">Pixels of the input between two cells.</param>
/// <param name="Classes">[B, A K, h, w] logits.</param>
/// <param name="Boxes">[B, A R, h, w]: four shifts, or the logits of four distributions of distances.</param>
/// <param name="Centerness">[B, A, h, w] logits; null where there are none.</param>
public sealed record DenseLevel(int Stride, TracedTensor Classes, TracedTensor Boxes, TracedTensor? Centerness);
