namespace Serve.Eval.Errors;

/// <summary>Whether a detection is right.</summary>
internal enum TideOutcome : byte
{
    /// <summary>A false positive.</summary>
    False,

    /// <summary>A true positive.</summary>
    True,

    /// <summary>Neither: it lies on something that nobody has to find.</summary>
    Ignored,
}

/// <summary>What became of a detection.</summary>
/// <param name="Outcome">Whether it is right.</param>
/// <param name="Error">What is wrong with it; null for a true positive. An ignored detection has a kind of error too.</param>
/// <param name="Repair">
/// Position of the ground truth that it finds when its error is repaired; -1 for none: then repair takes the detection away. Of several that would find the same
/// one, it is the one with the highest score.
/// </param>
internal readonly record struct TideVerdict(TideOutcome Outcome, TideError? Error, int Repair);

/// <summary>What became of every detection and ground truth, by position.</summary>
/// <param name="detections">Number of detections.</param>
/// <param name="groundTruths">Number of ground truths.</param>
internal sealed class TideVerdicts(int detections, int groundTruths)
{
    /// <summary>What became of each detection. [D]</summary>
    public TideVerdict[] Detections { get; } = new TideVerdict[detections];

    /// <summary>Ground truths that a detection found. [G]</summary>
    public bool[] IsFound { get; } = new bool[groundTruths];

    /// <summary>Ground truths that a detection would find if its error were repaired. [G]</summary>
    public bool[] IsRepairable { get; } = new bool[groundTruths];
}
