using Serve.Training.Tracing;

namespace Serve.Training.Models.Rcnn;

/// <summary>Raw predictions of a region proposal network on one level, anchor by anchor. B images, N anchors.</summary>
/// <param name="Anchors">[N, 4] float32 xyxy, input pixels.</param>
/// <param name="Logits">[B, N] objectness.</param>
/// <param name="Deltas">[B, N, 4] moves of the anchors, weights of one.</param>
public sealed record ProposalLevel(TracedTensor Anchors, TracedTensor Logits, TracedTensor Deltas);
