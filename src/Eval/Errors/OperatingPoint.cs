namespace Serve.Eval.Errors;

/// <summary>What detections are worth from a score on.</summary>
/// <param name="Threshold">The score; detections with it count.</param>
/// <param name="TruePositives">Detections that found an object.</param>
/// <param name="FalsePositives">Detections that found none.</param>
/// <param name="FalseNegatives">Objects that none found.</param>
/// <param name="Precision">True positives by detections, 0 to 1; null without detections.</param>
/// <param name="Recall">True positives by objects, 0 to 1; null without objects.</param>
/// <param name="F1">Harmonic mean of the two, 2 TP / (2 TP + FP + FN), 0 to 1; null where there are neither detections nor objects.</param>
public sealed record OperatingPoint(
    double Threshold, int TruePositives, int FalsePositives, int FalseNegatives, double? Precision, double? Recall, double? F1)
{
    internal static OperatingPoint Of(double threshold, int truePositives, int falsePositives, int objects) => new(
        threshold, truePositives, falsePositives, objects - truePositives,
        Part(truePositives, (long)truePositives + falsePositives), Part(truePositives, objects), Part(2L * truePositives, (long)truePositives + falsePositives + objects));

    /// <summary>A part of a whole; null of nothing.</summary>
    internal static double? Part(long part, long whole) => whole == 0 ? null : (double)part / whole;
}
