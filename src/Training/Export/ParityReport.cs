using static System.FormattableString;

namespace Serve.Training.Export;

/// <summary>What a parity check found.</summary>
/// <param name="Images">Images compared, each batch size counted.</param>
/// <param name="Detections">Detections compared, kept by both.</param>
/// <param name="Unmatched">Detections above the score limit that one side has and the other has not, near-ties left out.</param>
/// <param name="MaxBoxDifference">Largest difference of a box coordinate, input pixels.</param>
/// <param name="MaxScoreDifference">Largest difference of a score.</param>
/// <param name="NearTies">Images on which a decision hung on rounding; see <see cref="ParityCheck"/>.</param>
public sealed record ParityReport(int Images, int Detections, int Unmatched, double MaxBoxDifference, double MaxScoreDifference, int NearTies = 0)
{
    /// <summary>Largest accepted difference of a box coordinate, input pixels.</summary>
    public const double BoxTolerance = 0.1;

    /// <summary>Largest accepted difference of a score.</summary>
    public const double ScoreTolerance = 1e-4;

    /// <summary>Largest accepted difference of a mask's probability.</summary>
    public const double MaskTolerance = 1e-3;

    /// <summary>Largest difference of a mask's probability; null for detectors of boxes.</summary>
    public double? MaxMaskDifference { get; init; }

    /// <summary>Boxes within 0.1 pixels, scores within 1e-4, masks within 1e-3, the same detections kept.</summary>
    public bool Passed => Unmatched == 0 && MaxBoxDifference <= BoxTolerance && MaxScoreDifference <= ScoreTolerance && (MaxMaskDifference ?? 0) <= MaskTolerance;

    /// <summary>One line for a log or a message.</summary>
    public override string ToString()
        => Invariant($"{Images} images, {Detections} detections compared, {Unmatched} unmatched, {NearTies} near-ties, ")
            + Invariant($"boxes within {MaxBoxDifference:g3} px, scores within {MaxScoreDifference:g3}")
            + (MaxMaskDifference is { } masks ? Invariant($", masks within {masks:g3}") : "");
}
