using Serve.Inference.Models;
using Serve.Training.Models;
using Serve.Training.Tracing;

namespace Serve.Training.Export;

/// <summary>Counts a detector's work.</summary>
public static class DetectorWork
{
    /// <summary>What all convolutions, matrix products and adder layers do for one image; heads that run on each proposal count with as many as the detector names.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="input">Its input; where images have various sizes, one that reaches both limits counts.</param>
    public static OperationCount Count(Detector detector, InputSpec input) => DetectorTrace.Of(detector, input, new OutputSpec()).Operations;
}
