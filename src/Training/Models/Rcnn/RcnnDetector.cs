using Serve.Eval;
using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>A two-stage detector: Faster R-CNN on a feature pyramid, and what is built on it.</summary>
/// <remarks>
/// Ren et al., "Faster R-CNN", NeurIPS 2015; Lin et al., "Feature Pyramid Networks", CVPR 2017.
/// Keys of the state dictionary: those of <see cref="PyramidDetector"/>, <c>proposals.*</c>, <c>heads.*</c>.
/// </remarks>
public sealed class RcnnDetector : PyramidDetector
{
    private readonly ProposalNetwork proposals;
    private readonly RoiHeads heads;

    /// <summary>Creates a detector with random weights.</summary>
    /// <param name="options">Its parts and inference settings.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="InvalidInputException">Options out of range, or anchors for another number of levels than there are.</exception>
    public RcnnDetector(RcnnOptions options, long seed) : base(nameof(RcnnDetector), options, seed, out var init)
    {
        Options = options;
        using (init)
        {
            if (Strides.Count != options.Proposals.Anchors.Sizes.Count)
            {
                throw new InvalidInputException(
                    $"Detector options: Proposals.Anchors.Sizes has {options.Proposals.Anchors.Sizes.Count} list(s); allowed: one for each of the neck's {Strides.Count} level(s).");
            }

            proposals = new ProposalNetwork(Channels, options.Proposals, DialectRules.Of(options.Dialect), init);
            heads = options.Cascade is { } cascade
                ? new CascadeRoiHeads(Channels, options, cascade, init)
                : new StandardRoiHeads(Channels, options, init);
        }

        RegisterComponents();
    }

    /// <summary>Its parts and inference settings.</summary>
    public RcnnOptions Options { get; }

    /// <summary>The losses <c>proposalObjectness</c> and <c>proposalBox</c>, and those of the heads.</summary>
    /// <inheritdoc/>
    public override DetectorLosses Loss(TrainingInput input)
    {
        using var scope = NewDisposeScope();
        var levels = Features(new TracedTensor(input.Images));
        var targets = PaddedTargets.Of(input.Targets, input.Images.shape[2], input.Images.shape[3], input.Images.device);
        var (found, objectness, box) = proposals.Train(levels, targets, input.Seed);
        var ofHeads = heads.Train(levels, found, input, targets);

        var parts = new Dictionary<string, Tensor>(ofHeads.Parts) { ["proposalObjectness"] = objectness, ["proposalBox"] = box };
        foreach (var tensor in parts.Values.Concat(ofHeads.Observations.Values))
            tensor.MoveToOuterDisposeScope();
        return new((objectness + box + ofHeads.Total).MoveToOuterDisposeScope(), parts) { Observations = ofHeads.Observations };
    }

    /// <inheritdoc/>
    public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default)
    {
        using var scope = NewDisposeScope();
        var levels = Features(input.Images);
        var limits = Limits(input);
        return heads.Detect(levels, proposals.Detect(levels, limits, shift), limits, shift).MoveToOuterDisposeScope();
    }

    // [B, 1, 4], or [1, 1, 4] where all of the input is valid.
    private static TracedTensor Limits(DetectorInput input)
    {
        if (input.Sizes is { } sizes)
            return Shapes.Concat(1, sizes, sizes).Unsqueeze(1);
        var (width, height) = (input.Images.Size(3), input.Images.Size(2));
        return Shapes.Concat(0, width, height, width, height).Cast(float32).Reshape(1, 1, 4);
    }
}
