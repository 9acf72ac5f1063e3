using Serve.Inference.Models;
using Serve.Training.Models;

namespace Serve.Training.Export;

/// <summary>Counts a detector's work.</summary>
public static class MultiplyAdds
{
    /// <summary>Multiply-adds of all convolutions for one image; normalisation, activations and post-processing are not counted, as is usual.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="width">Width of the input in pixels.</param>
    /// <param name="height">Height of the input in pixels.</param>
    public static long Count(Detector detector, int width, int height)
        => DetectorTrace.Of(detector, new InputSpec { Width = width, Height = height }, new OutputSpec()).MultiplyAdds;
}
