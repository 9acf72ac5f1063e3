namespace Serve.Eval.Reports;

/// <summary>What a number of the summary is the mean of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Measure"><c>precision</c>, <c>recall</c>, or <c>mean</c> of other numbers, whose other properties are null.</param>
/// <param name="IouThreshold">The overlap threshold; null for all.</param>
/// <param name="AreaRange">Name of the area range.</param>
/// <param name="MaxDetections">The detection limit.</param>
public sealed record MetricReport(string Name, string Measure, double? IouThreshold, string? AreaRange, int? MaxDetections);
