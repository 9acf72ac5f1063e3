using Serve.Training.Data;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Models;

/// <summary>What a step of training looks at.</summary>
/// <param name="Images">[B, 3, H, W] float32 RGB, 0..255; 0 beyond each image's valid part.</param>
/// <param name="Targets">One entry an image, on the device of the images.</param>
/// <param name="Seed">Seed of the step's own random choices, such as those of samplers; a function of the recipe's seed and the step.</param>
public sealed record TrainingInput(Tensor Images, IReadOnlyList<DetectionTargets> Targets, long Seed);

/// <summary>The losses of one batch: scalar float32 tensors.</summary>
/// <param name="Total">The sum that is minimised.</param>
/// <param name="Parts">Its parts by name, for the log.</param>
public sealed record DetectorLosses(Tensor Total, IReadOnlyDictionary<string, Tensor> Parts)
{
    /// <summary>Scalars that are logged beside the losses but not minimised, without gradient, by name: how many rows are foreground, how well proposals lie.</summary>
    public IReadOnlyDictionary<string, Tensor> Observations { get; init; } = new Dictionary<string, Tensor>();
}

/// <summary>What is detected on.</summary>
/// <param name="Images">[B, 3, H, W] float32 RGB, 0..255.</param>
/// <param name="Sizes">[B, 2] float32 width and height of the valid (not padded) part at the top left, input pixels; null where all of the input is valid.</param>
public sealed record DetectorInput(TracedTensor Images, TracedTensor? Sizes = null);

/// <summary>Detections of a batch in input pixels; rows by falling score, empty rows have score 0 and label -1.</summary>
/// <param name="Boxes">[B, D, 4] float32 xyxy, pixels of the input tensor.</param>
/// <param name="Scores">[B, D] float32.</param>
/// <param name="Labels">[B, D] int64.</param>
/// <param name="Masks">[B, D, m, m] float32 probabilities over each box, 0 in empty rows; null for detectors of boxes.</param>
public sealed record DetectorOutput(TracedTensor Boxes, TracedTensor Scores, TracedTensor Labels, TracedTensor? Masks = null)
{
    /// <summary>Moves the eager values to the scope outside the innermost one.</summary>
    public DetectorOutput MoveToOuterDisposeScope()
    {
        foreach (var tensor in new[] { Boxes, Scores, Labels, Masks })
            tensor?.MoveToOuterDisposeScope();
        return this;
    }
}

/// <summary>A small move of the thresholds of a detector's decisions: what a parity check needs to recognise a decision that hung on rounding.</summary>
/// <param name="Candidate">Added to the probability above which there is a candidate.</param>
/// <param name="Suppression">Added to the IoU above which a detection is suppressed.</param>
public readonly record struct ThresholdShift(double Candidate = 0, double Suppression = 0);

/// <summary>A detector: one set of weights, a loss to train it, and the end-to-end function that is exported.</summary>
public abstract class Detector(string name) : nn.Module(name)
{
    /// <summary>The losses of a batch.</summary>
    /// <returns>Scalars in the caller's dispose scope.</returns>
    public abstract DetectorLosses Loss(TrainingInput input);

    /// <summary>Pixels in, detections out: normalisation, network, decoding and non-maximum suppression. Traced for the export.</summary>
    /// <param name="input">Images and, where a detector looks at them, their valid sizes.</param>
    /// <param name="shift">A detector without thresholds passes over it.</param>
    /// <returns>Tensors in the caller's dispose scope.</returns>
    public abstract DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default);
}
