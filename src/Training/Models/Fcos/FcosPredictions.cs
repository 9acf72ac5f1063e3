using Serve.Training.Tracing;

namespace Serve.Training.Models.Fcos;

/// <summary>Raw predictions of FCOS on one pyramid level.</summary>
/// <param name="Stride">Pixels of the input between two cells.</param>
/// <param name="ClassLogits">[B, K, H, W].</param>
/// <param name="Distances">[B, 4, H, W] left, top, right, bottom distances in units of the stride, not negative (after the level's scale and ReLU or exponential).</param>
/// <param name="Centerness">[B, 1, H, W] logits.</param>
public sealed record FcosLevel(int Stride, TracedTensor ClassLogits, TracedTensor Distances, TracedTensor Centerness);
