using Serve.Training.Boxes;
using Serve.Training.Losses;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Dense;

/// <summary>A one-stage detector with anchors: RetinaNet, ATSS, or one with generalised focal loss.</summary>
/// <remarks>
/// Lin et al., "Focal loss for dense object detection", ICCV 2017; Zhang et al., "Bridging the gap between anchor-based and anchor-free detection via adaptive training
/// sample selection", CVPR 2020; Li et al., "Generalized focal loss", NeurIPS 2020.
/// Keys of the state dictionary: those of <see cref="PyramidDetector"/>, <c>head.*</c>.
/// </remarks>
public sealed class DenseDetector : PyramidDetector
{
    private readonly DenseHead head;

    /// <summary>Creates a detector with random weights.</summary>
    /// <param name="options">Size and inference settings.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="Serve.Eval.InvalidInputException">Options out of range.</exception>
    public DenseDetector(DenseOptions options, long seed) : base(nameof(DenseDetector), options, seed, out var init)
    {
        Options = options;
        using (init)
            head = new DenseHead(options, Channels, Strides.Count, init);
        RegisterComponents();
    }

    /// <summary>Size and inference settings.</summary>
    public DenseOptions Options { get; }

    /// <summary>The anchors of the levels.</summary>
    public AnchorSpec Anchors => Options.Anchors(Strides);

    /// <summary>Raw predictions of each level, finest first.</summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    public IReadOnlyList<DenseLevel> Predict(TracedTensor images) => [.. Features(images).Select(head.Predict)];

    /// <inheritdoc/>
    public override DetectorLosses Loss(TrainingInput input) => DenseLoss.Compute(Predict(new TracedTensor(input.Images)), input.Targets, Options);

    /// <inheritdoc/>
    public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default)
    {
        using var scope = NewDisposeScope();
        var options = (DenseOptions)Options.Shifted(shift);
        return DenseDecoder.Decode(input.Images, Predict(input.Images), Anchors, options).MoveToOuterDisposeScope();
    }
}
