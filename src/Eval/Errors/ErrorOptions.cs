using static System.FormattableString;

namespace Serve.Eval.Errors;

/// <summary>What an error analysis looks at. The defaults are those of the published error breakdown (TIDE).</summary>
public sealed record ErrorOptions
{
    /// <summary>Overlap from which a detection has found an object: above 0, at most 1.</summary>
    public double IouThreshold { get; init; } = 0.5;

    /// <summary>Overlap below which a detection has nothing to do with an object: above 0, at most <see cref="IouThreshold"/>.</summary>
    public double BackgroundThreshold { get; init; } = 0.1;

    /// <summary>
    /// Score from which detections count in the confusion matrix and in the numbers of single images; null for the threshold with the highest F1 over all
    /// categories, or 0 where no detection is right.
    /// </summary>
    public double? ScoreThreshold { get; init; }

    /// <summary>
    /// Most detections of an image, over all categories, in the error breakdown and the confusion matrix; null, or more than that, for the protocol's largest
    /// limit. Curves and the numbers of single images keep the protocol's own limits.
    /// </summary>
    public int? MaxDetections { get; init; }

    /// <summary>Width at which a drawn curve is the same as one with all its points, in columns of pixels; see <see cref="ScoreCurve"/>.</summary>
    public int CurveColumns { get; init; } = 200;

    /// <summary>Most images in <see cref="ErrorReport.Worst"/>.</summary>
    public int WorstImages { get; init; } = 20;

    /// <summary>Which images are the worst.</summary>
    public ImageOrder WorstBy { get; init; }

    /// <summary>Checks every option.</summary>
    /// <exception cref="InvalidInputException">At least one is out of range; the message lists all of them, a line each.</exception>
    public void Validate()
    {
        var problems = Problems().ToList();
        if (problems.Count > 0)
            throw new InvalidInputException(string.Join(Environment.NewLine, problems));
    }

    /// <summary>Most detections of an image, over all categories, that a protocol and these options leave.</summary>
    internal int LimitOf(Protocol protocol) => Math.Min(MaxDetections ?? int.MaxValue, protocol.MaxDetections.Max());

    private IEnumerable<string> Problems()
    {
        if (!(IouThreshold is > 0 and <= 1))
            yield return Invariant($"IouThreshold is {IouThreshold}; it must be above 0 and at most 1.");
        if (!(BackgroundThreshold > 0 && BackgroundThreshold <= IouThreshold))
            yield return Invariant($"BackgroundThreshold is {BackgroundThreshold}; it must be above 0 and at most IouThreshold, {IouThreshold}.");
        if (ScoreThreshold is { } score && !double.IsFinite(score))
            yield return Invariant($"ScoreThreshold is {score}; it must be finite.");
        if (MaxDetections < 1)
            yield return Invariant($"MaxDetections is {MaxDetections}; it must be at least 1.");
        if (CurveColumns < 1)
            yield return Invariant($"CurveColumns is {CurveColumns}; it must be at least 1.");
        if (WorstImages < 0)
            yield return Invariant($"WorstImages is {WorstImages}; it must not be negative.");
        if (!Enum.IsDefined(WorstBy))
            yield return Invariant($"WorstBy is {(int)WorstBy}; it must be {string.Join(" or ", Enum.GetNames<ImageOrder>())}.");
    }
}
