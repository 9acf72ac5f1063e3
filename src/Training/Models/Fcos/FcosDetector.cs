using Serve.Training.Losses;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models.Fcos;

/// <summary>FCOS: an anchor-free one-stage detector on a ResNet with a feature pyramid.</summary>
/// <remarks>
/// Tian et al., "FCOS: fully convolutional one-stage object detection", ICCV 2019, in one of its <see cref="FcosVersion"/>s.
/// Keys of the state dictionary: those of <see cref="PyramidDetector"/>, <c>head.*</c>.
/// </remarks>
public sealed class FcosDetector : PyramidDetector
{
    private readonly FcosHead head;

    /// <summary>Creates a detector with random weights.</summary>
    /// <param name="options">Size and inference settings.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="Serve.Eval.InvalidInputException">Options out of range.</exception>
    public FcosDetector(FcosOptions options, long seed) : base(nameof(FcosDetector), options, seed, out var init)
    {
        Options = options;
        using (init)
            head = new FcosHead(options, Channels, Strides.Count, init);
        RegisterComponents();
    }

    /// <summary>Size and inference settings.</summary>
    public FcosOptions Options { get; }

    /// <summary>Raw predictions of each level, finest first.</summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    public IReadOnlyList<FcosLevel> Predict(TracedTensor images) => [.. Features(images).Select(head.Predict)];

    /// <inheritdoc/>
    public override DetectorLosses Loss(TrainingInput input) => FcosLoss.Compute(Predict(new TracedTensor(input.Images)), input.Targets, Options.Version);

    /// <inheritdoc/>
    public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default)
    {
        using var scope = NewDisposeScope();
        var options = (FcosOptions)Options.Shifted(shift);
        return FcosDecoder.Decode(input.Images, Predict(input.Images), options).MoveToOuterDisposeScope();
    }
}
