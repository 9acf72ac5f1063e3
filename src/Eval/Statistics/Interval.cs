namespace Serve.Eval.Statistics;

/// <summary>How an interval is made of a number's values in the resamples.</summary>
public enum IntervalMethod
{
    /// <summary>From one quantile of the values to another, moved so that their mean lies on the number: where as many other images would plausibly put it.</summary>
    Centred,

    /// <summary>From one quantile of the values to another.</summary>
    Percentile,

    /// <summary>Quantiles corrected for bias and for a spread that grows with the number (bias-corrected and accelerated).</summary>
    Bca,
}

/// <summary>A range in which a number plausibly lies on other images of the same kind.</summary>
/// <param name="Lower">Lower end.</param>
/// <param name="Upper">Upper end.</param>
/// <param name="Level">How often such an interval covers the true number.</param>
/// <param name="Method">
/// How it was made: <see cref="IntervalMethod.Percentile"/> also where <see cref="IntervalMethod.Bca"/> was asked and is not defined, because all resamples lie
/// on one side of the number.
/// </param>
public sealed record Interval(double Lower, double Upper, double Level, IntervalMethod Method);
