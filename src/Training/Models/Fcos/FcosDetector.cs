using Serve.Training.Losses;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Fcos;

/// <summary>FCOS: an anchor-free one-stage detector on a ResNet with a feature pyramid.</summary>
/// <remarks>
/// Tian et al., "FCOS: fully convolutional one-stage object detection", ICCV 2019, in one of its <see cref="FcosVersion"/>s.
/// Keys of the state dictionary: <c>backbone.*</c> (torchvision's names), <c>pyramid.*</c>, <c>head.*</c>.
/// </remarks>
public sealed class FcosDetector : Detector
{
    private readonly Backbone backbone;
    private readonly Neck pyramid;
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
        backbone = options.Backbone.Create(init);
        pyramid = options.Neck.Create(backbone.Channels, init);
        head = new FcosHead(options, pyramid.Channels, pyramid.Strides.Count, init);
        pixel_mean = tensor(options.PixelMean.Select(value => (float)value).ToArray()).view(1, 3, 1, 1);
        pixel_scale = tensor(options.PixelStd.Select(value => (float)(1 / value)).ToArray()).view(1, 3, 1, 1);
        RegisterComponents();
    }

    /// <summary>Size and inference settings.</summary>
    public FcosOptions Options { get; }

    /// <summary>Raw predictions of each level, finest first.</summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    public IReadOnlyList<FcosLevel> Predict(TracedTensor images)
    {
        // The padding of the first convolution comes after the normalisation, so the mean stays a node of its own.
        var pixels = (images - new TracedTensor(pixel_mean)) * new TracedTensor(pixel_scale);
        return [.. pyramid.call(backbone.call(pixels)).Select(head.Predict)];
    }

    /// <inheritdoc/>
    public override DetectorLosses Loss(TrainingInput input) => FcosLoss.Compute(Predict(new TracedTensor(input.Images)), input.Targets, Options.Version);

    /// <inheritdoc/>
    public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default)
    {
        using var scope = NewDisposeScope();
        var options = Options with { ScoreThreshold = Options.ScoreThreshold + shift.Candidate, NmsIouThreshold = Options.NmsIouThreshold + shift.Suppression };
        return FcosDecoder.Decode(input.Images, Predict(input.Images), options).MoveToOuterDisposeScope();
    }
}
