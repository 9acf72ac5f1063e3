using System.Text.Json.Serialization;
using static System.FormattableString;

namespace Serve.Eval.Statistics;

/// <summary>How often to resample, and what to make of it.</summary>
public sealed record StatisticsOptions
{
    /// <summary>Bootstrap resamples of the images.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>How often an interval is to cover the true number, above 0 and below 1. One minus it is the level of significance of comparisons.</summary>
    public double Level { get; init; } = 0.95;

    /// <summary>
    /// The kind of interval that is shown; percentile and BCa intervals are always there too. Average precision of fewer images is higher, by more than its
    /// standard error on small datasets, so that resamples lie above the number: <see cref="IntervalMethod.Centred"/> makes up for that
    /// (<c>docs/statistics.md</c> has how often each method covers).
    /// </summary>
    public IntervalMethod Method { get; init; } = IntervalMethod.Centred;

    /// <summary>The same seed gives the same numbers, with any number of threads.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>
    /// Most groups of images that are left out, one after another, to estimate the acceleration of <see cref="IntervalMethod.Bca"/>. With as many groups as
    /// images, each image is left out alone.
    /// </summary>
    public int JackknifeGroups { get; init; } = 256;

    /// <summary>Random exchanges of two results, for the p-value of their difference; a p-value is at least 1 / (this + 1).</summary>
    public int Permutations { get; init; } = 1000;

    /// <summary>Most threads; -1 for one a core. No number depends on it.</summary>
    [JsonIgnore]
    public int Threads { get; init; } = -1;

    /// <summary>Checks every option.</summary>
    /// <exception cref="InvalidInputException">At least one is out of range; the message lists all of them, a line each.</exception>
    public void Validate()
    {
        var problems = new List<string>();
        if (Resamples < 1)
            problems.Add(Invariant($"Resamples is {Resamples}; it must be at least 1."));
        if (!(Level is > 0 and < 1))
            problems.Add(Invariant($"Level is {Level}; it must be above 0 and below 1, such as 0.95."));
        if (JackknifeGroups < 2)
            problems.Add(Invariant($"JackknifeGroups is {JackknifeGroups}; it must be at least 2."));
        if (Permutations < 1)
            problems.Add(Invariant($"Permutations is {Permutations}; it must be at least 1."));
        if (Threads is 0 or < -1)
            problems.Add(Invariant($"Threads is {Threads}; it must be at least 1, or -1 for one a core."));
        if (problems.Count > 0)
            throw new InvalidInputException(string.Join(Environment.NewLine, problems));
    }
}
