namespace Serve.Eval.Reports;

/// <summary>Precision at each recall threshold, at one IoU threshold, for one category (first area range, largest detection limit).</summary>
/// <param name="CategoryId">The category; -1 where categories are pooled.</param>
/// <param name="IouThreshold">Overlap that makes a match.</param>
/// <param name="Recall">Recall thresholds.</param>
/// <param name="Precision">Highest precision at that recall or more; 0 where it is not reached.</param>
/// <param name="Scores">Score at which the recall is reached; 0 where it is not.</param>
public sealed record PrecisionRecallCurve(long CategoryId, double IouThreshold, IReadOnlyList<double> Recall, IReadOnlyList<double> Precision, IReadOnlyList<double> Scores);
