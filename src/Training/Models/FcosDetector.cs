using Serve.Training.Data;
using Serve.Training.Losses;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models;

/// <summary>FCOS: an anchor-free one-stage detector on a ResNet with a feature pyramid.</summary>
/// <remarks>
/// Tian et al., "FCOS: fully convolutional one-stage object detection", ICCV 2019, in the improved form of its published code: centre sampling, GIoU,
/// centre-ness on the box tower, distances in units of the stride.
/// Keys of the state dictionary: <c>backbone.*</c> (torchvision's names), <c>pyramid.*</c>, <c>head.*</c>.
/// </remarks>
public sealed class FcosDetector : Detector
{
    private readonly ResNet backbone;
    private readonly FeaturePyramid pyramid;
    private readonly FcosHead head;
    private readonly Tensor pixel_mean;
    private readonly Tensor pixel_scale;

    /// <summary>Creates a detector with random weights.</summary>
    /// <param name="options">Size and inference settings.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="Serve.Eval.InvalidInputException">Options out of range.</exception>
    public FcosDetector(FcosOptions options, long seed) : base(nameof(FcosDetector))
    {
        options.Validate();
        Options = options;
        using var init = new Initialisation(seed);
        backbone = new ResNet(options.BackboneDepth, options.Norm, init, options.BackboneWidth, options.ZeroInitResidual);
        pyramid = new FeaturePyramid(ResNet.OutputChannels(options.BackboneDepth, options.BackboneWidth), options.PyramidChannels, init);
        head = new FcosHead(options.PyramidChannels, options.TowerDepth, options.CategoryCount, options.PriorProbability, init);
        pixel_mean = tensor(options.PixelMean.Select(value => (float)value).ToArray()).view(1, 3, 1, 1);
        pixel_scale = tensor(options.PixelStd.Select(value => (float)(1 / value)).ToArray()).view(1, 3, 1, 1);
        RegisterComponents();
    }

    /// <summary>Size and inference settings.</summary>
    public FcosOptions Options { get; }

    /// <summary>Raw predictions of the levels P3 to P7.</summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    public IReadOnlyList<FcosLevel> Predict(TracedTensor images)
    {
        // The padding of the first convolution comes after the normalisation, so the mean stays a node of its own.
        var pixels = (images - new TracedTensor(pixel_mean)) * new TracedTensor(pixel_scale);
        return [.. pyramid.call(backbone.call(pixels)).Select(head.Predict)];
    }

    /// <inheritdoc/>
    public override DetectorLosses Loss(Tensor images, IReadOnlyList<DetectionTargets> targets) => FcosLoss.Compute(Predict(new TracedTensor(images)), targets);

    /// <inheritdoc/>
    public override DetectorOutput Detect(TracedTensor images) => Detect(images, Options);

    /// <inheritdoc/>
    public override DetectorOutput DetectShifted(TracedTensor images, double candidate, double suppression) => Detect(images, Options with
    {
        CandidateThreshold = Options.CandidateThreshold + candidate,
        NmsIouThreshold = Options.NmsIouThreshold + suppression,
    });

    private DetectorOutput Detect(TracedTensor images, FcosOptions options)
    {
        using var scope = NewDisposeScope();
        var output = FcosDecoder.Decode(images, Predict(images), options);
        return new DetectorOutput(output.Boxes.MoveToOuterDisposeScope(), output.Scores.MoveToOuterDisposeScope(), output.Labels.MoveToOuterDisposeScope());
    }
}
