using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using static System.FormattableString;

namespace Serve.Eval;

/// <summary>
/// An evaluation protocol as data: thresholds, ranges, limits, what takes part, and which numbers make its summary. One matcher and one accumulator serve
/// all protocols; a protocol says what they are given and what is read from the result.
/// </summary>
public abstract record Protocol
{
    /// <summary>The protocol's name, as <c>--protocol</c> takes it.</summary>
    public abstract string Name { get; }

    /// <summary>What it measures, in a sentence.</summary>
    public abstract string Description { get; }

    /// <summary>The number of the summary by which results are ranked; it is higher where they are better.</summary>
    public virtual string HeadlineNumber => "AP";

    /// <summary>Overlaps that make a match, 0 to 1. [T]</summary>
    public abstract IReadOnlyList<double> IouThresholds { get; init; }

    /// <summary>Recalls at which precision is read, 0 to 1. [R]</summary>
    public abstract IReadOnlyList<double> RecallThresholds { get; init; }

    /// <summary>Limits of detections for each image and category (each image, where categories are pooled); any order. [M]</summary>
    public abstract IReadOnlyList<int> MaxDetections { get; init; }

    /// <summary>
    /// How many detections of an image, the best of all its categories, a model's result holds under this protocol. Limits are mostly those of a category, so that more
    /// would give other numbers: published results on COCO hold 100. Here it is that, or the largest limit where it is more.
    /// </summary>
    public virtual int DetectionsPerImage => MaxDetections.Append(100).Max();

    /// <summary>Sizes evaluated separately; the first is that of the numbers per category. [A]</summary>
    public abstract IReadOnlyList<AreaRange> AreaRanges { get; init; }

    /// <summary>Whether a detection must have the category of the ground truth that it matches. False pools all categories.</summary>
    public bool UseCategories { get; init; } = true;

    /// <summary>Images to evaluate, in any order; null for all of the dataset.</summary>
    public IReadOnlyList<long>? ImageIds { get; init; }

    /// <summary>
    /// Categories to evaluate; null for all of the dataset. Where categories are pooled, the order given decides ties between detections of different
    /// categories, as in the reference.
    /// </summary>
    public IReadOnlyList<long>? CategoryIds { get; init; }

    /// <summary>
    /// Reproduce the reference evaluator to its faults: a match with an annotation of id 0 counts as none, of several annotations with one id the last stands
    /// for all, and summary numbers at a detection limit that is not in force are missing. False evaluates what a careful reader of the protocol expects, and
    /// says in <see cref="EvaluationResult.Warnings"/> where the two differ.
    /// </summary>
    public bool StrictReference { get; init; }

    /// <summary>What readers must keep for this protocol.</summary>
    public abstract AnnotationParts Parts { get; }

    /// <summary>How precision and recall become a curve.</summary>
    internal virtual CurveRule CurveRule => CurveRule.Coco;

    /// <summary>Chooses, groups and ranks what takes part.</summary>
    /// <exception cref="InvalidInputException">What the reference refuses too, such as a detection on an image that the dataset does not list.</exception>
    internal abstract MatchInput Prepare(Dataset dataset, DetectionTable detections, Warnings warnings, int threads, CancellationToken ct);

    /// <summary>What a reader should know that only all images together show, a sentence each.</summary>
    internal virtual IEnumerable<string> WarningsOf(MatchInput input) => [];

    /// <summary>The numbers of the summary, in the reference's order.</summary>
    /// <param name="input">What was matched, for protocols whose numbers depend on the dataset.</param>
    /// <param name="dataset">Ground truth.</param>
    /// <exception cref="NoSummaryException">The protocol makes no summary of these parameters.</exception>
    internal abstract IReadOnlyList<Metric> Headline(MatchInput input, Dataset dataset);

    /// <summary>Checks every parameter.</summary>
    /// <exception cref="InvalidInputException">At least one is out of range; the message lists all of them, a line each.</exception>
    public void Validate()
    {
        var problems = Problems().ToList();
        if (problems.Count > 0)
            throw new InvalidInputException($"{Name}: {string.Join(Environment.NewLine, problems)}");
    }

    /// <summary>Evenly spaced numbers by the rule of numpy: start + i * step, and the last exactly the end.</summary>
    internal static double[] Linspace(double start, double end, int count)
    {
        var step = (end - start) / (count - 1);
        var values = new double[count];
        for (var i = 0; i < count; i++)
            values[i] = (i * step) + start;
        values[^1] = end;
        return values;
    }

    /// <summary>Whether ranges may be of relative scales, which need the size of each image.</summary>
    private protected virtual bool HasRelativeScales => false;

    /// <summary>What is wrong with the parameters, a sentence each.</summary>
    protected virtual IEnumerable<string> Problems()
    {
        foreach (var problem in UnitProblems("IouThresholds", IouThresholds).Concat(UnitProblems("RecallThresholds", RecallThresholds)))
            yield return problem;
        if (MaxDetections.Count == 0)
            yield return "MaxDetections is empty; at least one limit is needed.";
        foreach (var limit in MaxDetections.Where(limit => limit < 1))
            yield return Invariant($"MaxDetections holds {limit}; a limit must be at least 1.");
        if (AreaRanges.Count == 0)
            yield return "AreaRanges is empty; at least one range is needed.";
        foreach (var range in AreaRanges.Where(range => !(range.Lower <= range.Upper)))
            yield return Invariant($"AreaRanges holds {range.Lower} to {range.Upper} (\"{range.Name}\"); the lower end must not be above the upper one.");
        foreach (var range in AreaRanges.Where(range => range.Measure is SizeMeasure.RelativeScale && !HasRelativeScales))
            yield return $"AreaRanges holds \"{range.Name}\", a range of relative scales; {Name} knows areas and absolute scales only.";
        if (!UseCategories && CategoryIds is not null)
        {
            foreach (var twice in CategoryIds.GroupBy(id => id).Where(group => group.Count() > 1))
                yield return Invariant($"CategoryIds holds {twice.Key} {twice.Count()} times; where categories are pooled, once is allowed (its objects would count {twice.Count()} times).");
        }
    }

    private static IEnumerable<string> UnitProblems(string name, IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            yield return $"{name} is empty; at least one value is needed.";
        foreach (var value in values.Where(value => !(value is >= 0 and <= 1)))
            yield return Invariant($"{name} holds {value}; a value must be 0 to 1.");
    }
}
