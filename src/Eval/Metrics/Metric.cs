namespace Serve.Eval.Metrics;

/// <summary>Which array a number is the mean of.</summary>
public enum Measure
{
    /// <summary>Precision over recall points (average precision).</summary>
    Precision,

    /// <summary>Recall of all detections (average recall).</summary>
    Recall,
}

/// <summary>
/// A number of a summary as data: the mean over a part of the curves. What is undefined there (no ground truth) is left out; the mean of nothing is no number.
/// </summary>
/// <param name="Name">Its name, such as <c>AP50</c>.</param>
/// <param name="Measure">What it is the mean of.</param>
public sealed record Metric(string Name, Measure Measure)
{
    /// <summary>The overlap threshold; null for all. It must be the very same double that is evaluated.</summary>
    public double? IouThreshold { get; init; }

    /// <summary>Name of the area range.</summary>
    public string AreaRange { get; init; } = "all";

    /// <summary>The detection limit: a number where it is not in force. Null for the largest.</summary>
    public int? MaxDetections { get; init; }

    /// <summary>Indices of the categories; null for all.</summary>
    public IReadOnlyList<int>? Categories { get; init; }

    /// <summary>Where given, the number is the mean of these, those that are no numbers left out, and the other properties have no meaning.</summary>
    public IReadOnlyList<Metric>? MeanOf { get; init; }
}
