using Serve.Training.Boxes;
using Serve.Training.Losses;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Dense;

/// <summary>A one-stage detector with anchors: RetinaNet, ATSS, or one with generalised focal loss.</summary>
/// <remarks>
/// Lin et al., "Focal loss for dense object detection", ICCV 2017; Zhang et al., "Bridging the gap between anchor-based and anchor-free detection via adaptive training
/// sample selection", CVPR 2020; Li et al., "Generalized focal loss", NeurIPS 2020.
/// Keys of the state dictionary: <c>backbone.*</c>, <c>pyramid.*</c>, <c>head.*</c>.
/// </remarks>
public sealed class DenseDetector : Detector
{
    private readonly Backbone backbone;
    private readonly Neck pyramid;
    private readonly DenseHead head;
    private readonly Tensor pixel_mean;
    private readonly Tensor pixel_scale;

    /// <summary>Creates a detector with random weights.</summary>
    /// <param name="options">Size and inference settings.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="Serve.Eval.InvalidInputException">Options out of range.</exception>
    public DenseDetector(DenseOptions options, long seed) : base(nameof(DenseDetector))
    {
        options.Validate();
        Options = options;
        using var init = new Initialisation(seed);
        backbone = options.Backbone.Create(init);
        pyramid = options.Neck.Create(backbone.Channels, init);
        head = new DenseHead(options, pyramid.Channels, pyramid.Strides.Count, init);
        pixel_mean = tensor(options.PixelMean.Select(value => (float)value).ToArray()).view(1, 3, 1, 1);
        pixel_scale = tensor(options.PixelStd.Select(value => (float)(1 / value)).ToArray()).view(1, 3, 1, 1);
        RegisterComponents();
    }

    /// <summary>Size and inference settings.</summary>
    public DenseOptions Options { get; }

    /// <summary>The anchors of the levels.</summary>
    public AnchorSpec Anchors => Options.Anchors(pyramid.Strides);

    /// <summary>Raw predictions of each level, finest first.</summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    public IReadOnlyList<DenseLevel> Predict(TracedTensor images)
    {
        // The padding of the first convolution comes after the normalisation, so the mean stays a node of its own.
        var pixels = (images - new TracedTensor(pixel_mean)) * new TracedTensor(pixel_scale);
        return [.. pyramid.call(backbone.call(pixels)).Select(head.Predict)];
    }

    /// <inheritdoc/>
    public override DetectorLosses Loss(TrainingInput input) => DenseLoss.Compute(Predict(new TracedTensor(input.Images)), input.Targets, Options);

    /// <inheritdoc/>
    public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default)
    {
        using var scope = NewDisposeScope();
        var options = Options with { ScoreThreshold = Options.ScoreThreshold + shift.Candidate, NmsIouThreshold = Options.NmsIouThreshold + shift.Suppression };
        return DenseDecoder.Decode(input.Images, Predict(input.Images), Anchors, options).MoveToOuterDisposeScope();
    }
}
