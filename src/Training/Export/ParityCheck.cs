using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Models;

namespace Serve.Training.Export;

/// <summary>What a parity check found.</summary>
/// <param name="Images">Images compared.</param>
/// <param name="Detections">Detections compared, kept by both.</param>
/// <param name="Unmatched">Detections above the score limit that one side has and the other has not.</param>
/// <param name="MaxBoxDifference">Largest difference of a box coordinate, input pixels.</param>
/// <param name="MaxScoreDifference">Largest difference of a score.</param>
public sealed record ParityReport(int Images, int Detections, int Unmatched, double MaxBoxDifference, double MaxScoreDifference)
{
    /// <summary>Boxes within 0.1 pixels, scores within 1e-4, the same detections kept.</summary>
    public bool Passed => Unmatched == 0 && MaxBoxDifference <= 0.1 && MaxScoreDifference <= 1e-4;
}

/// <summary>Compares TorchSharp and ONNX Runtime on real images.</summary>
public static class ParityCheck
{
    /// <summary>Runs both on the pictures, in batches of 1 and 3, and compares the detections.</summary>
    public static ParityReport Run(Detector detector, string onnxPath, InputSpec input, IReadOnlyList<Picture> pictures, CancellationToken ct)
        => throw new NotImplementedException(onnxPath);
}
