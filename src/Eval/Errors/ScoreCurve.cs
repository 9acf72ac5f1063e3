namespace Serve.Eval.Errors;

/// <summary>
/// Precision, recall and F1 by score threshold, of one category or of all: the real values, not the highest precision at a recall or more. A place for each score
/// at which something changes: with detections of this score and more, there are so many true and so many false positives.
/// </summary>
/// <remarks>
/// <para>Of long curves only some places are kept. Those left out change nothing that one sees: cut into <see cref="ErrorOptions.CurveColumns"/> columns by recall,
/// and into as many by score, every column keeps its first and last place and those of the lowest and highest precision, and by score also those of the lowest and
/// highest F1. Lines drawn through them at that width are the same pixels as through all (Jugel et al., "M4: A Visualization-Oriented Time Series Data
/// Aggregation", VLDB 2014). Counts that are kept are exact, and <see cref="Best"/> and <see cref="Chosen"/> are found among all places.</para>
/// <para>Detections that count neither way are left out: those that match something that nobody has to find, and unmatched ones outside the evaluated size.
/// Without detections the lists are empty.</para>
/// </remarks>
public sealed record ScoreCurve
{
    /// <summary>The category; -1 for all.</summary>
    public required long CategoryId { get; init; }

    /// <summary>Its name; <c>all</c> for all.</summary>
    public required string Name { get; init; }

    /// <summary>Objects that somebody has to find.</summary>
    public required int Objects { get; init; }

    /// <summary>Detections that count.</summary>
    public required int Detections { get; init; }

    /// <summary>Score thresholds, falling. [P]</summary>
    public required IReadOnlyList<double> Scores { get; init; }

    /// <summary>True positives from each score on. [P]</summary>
    public required IReadOnlyList<int> TruePositives { get; init; }

    /// <summary>False positives from each score on. [P]</summary>
    public required IReadOnlyList<int> FalsePositives { get; init; }

    /// <summary>Where F1 is highest; of several such thresholds the highest. Null where no detection is right.</summary>
    public required OperatingPoint? Best { get; init; }

    /// <summary>The values at <see cref="ErrorReport.ScoreThreshold"/>.</summary>
    public required OperatingPoint Chosen { get; init; }

    /// <summary>The values at a place of the lists.</summary>
    public OperatingPoint At(int place) => OperatingPoint.Of(Scores[place], TruePositives[place], FalsePositives[place], Objects);
}
