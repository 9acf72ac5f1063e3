using Serve.Training.Data;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models;

/// <summary>The losses of one batch: scalar float32 tensors.</summary>
/// <param name="Total">The sum that is minimised.</param>
/// <param name="Parts">Its parts by name, for the log.</param>
public sealed record DetectorLosses(Tensor Total, IReadOnlyDictionary<string, Tensor> Parts);

/// <summary>Detections of a batch in input pixels; rows by falling score, empty rows have score 0 and label -1.</summary>
/// <param name="Boxes">[B, D, 4] float32 xyxy, pixels of the input tensor.</param>
/// <param name="Scores">[B, D] float32.</param>
/// <param name="Labels">[B, D] int64.</param>
public sealed record DetectorOutput(TracedTensor Boxes, TracedTensor Scores, TracedTensor Labels);

/// <summary>A detector: one set of weights, a loss to train it, and the end-to-end function that is exported.</summary>
public abstract class Detector(string name) : nn.Module(name)
{
    /// <summary>The losses of a batch.</summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    /// <param name="targets">One entry an image.</param>
    public abstract DetectorLosses Loss(Tensor images, IReadOnlyList<DetectionTargets> targets);

    /// <summary>Pixels in, detections out: normalisation, network, decoding and non-maximum suppression. Traced for the export.</summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    public abstract DetectorOutput Detect(TracedTensor images);

    /// <summary>
    /// The same with the thresholds of its decisions moved a little: what a parity check needs to recognise a decision that hung on rounding.
    /// A detector without thresholds detects as usual.
    /// </summary>
    /// <param name="images">[B, 3, H, W] float32 RGB, 0..255.</param>
    /// <param name="candidate">Added to the probability above which there is a candidate.</param>
    /// <param name="suppression">Added to the IoU above which a detection is suppressed.</param>
    public virtual DetectorOutput DetectShifted(TracedTensor images, double candidate, double suppression) => Detect(images);
}
