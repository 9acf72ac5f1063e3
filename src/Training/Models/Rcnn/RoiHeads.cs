using Serve.Training.Data;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>The second part of a two-stage detector: classifies proposals, moves them to their objects and, where it learns masks, cuts these out.</summary>
public abstract class RoiHeads(string name) : nn.Module(name)
{
    /// <summary>The losses of the heads.</summary>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="proposals">Without gradient.</param>
    /// <param name="input">The step's images, targets (for their masks) and seed.</param>
    /// <param name="targets">The same targets in rectangles.</param>
    /// <returns>Scalars in the caller's dispose scope.</returns>
    public abstract DetectorLosses Train(IReadOnlyList<FeatureLevel> levels, ProposalSet proposals, TrainingInput input, PaddedTargets targets);

    /// <summary>The detections. Traced.</summary>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="proposals">At least one of each image counts.</param>
    /// <param name="limits">[B, 1, 4] float32 width, height, width, height of the valid part, input pixels: where boxes are clipped.</param>
    /// <param name="shift">Moves the thresholds, for parity checks.</param>
    /// <returns>Tensors in the caller's dispose scope.</returns>
    public abstract DetectorOutput Detect(IReadOnlyList<FeatureLevel> levels, TracedProposals proposals, TracedTensor limits, ThresholdShift shift);
}
