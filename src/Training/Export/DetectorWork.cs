using Serve.Inference.Models;
using Serve.Training.Models;
using Serve.Training.Tracing;

namespace Serve.Training.Export;

/// <summary>Counts a detector's work.</summary>
public static class DetectorWork
{
    /// <summary>What all convolutions, matrix products and adder layers do for one image; heads that run on each proposal count with as many as the detector names.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="width">Width of the input in pixels.</param>
    /// <param name="height">Height of the input in pixels.</param>
    public static OperationCount Count(Detector detector, int width, int height)
        => DetectorTrace.Of(detector, new InputSpec { Width = width, Height = height }, new OutputSpec()).Operations;
}
