using System.Globalization;

namespace Serve.Eval.Coco;

/// <summary>The COCO detection protocol as data. The defaults are those of the reference (COCO API).</summary>
public sealed record CocoProtocol
{
    /// <summary>COCO boxes with the reference's default parameters.</summary>
    public static CocoProtocol BoundingBox { get; } = new();

    /// <summary>The protocol's name: <c>coco-bbox</c>.</summary>
    public string Name { get; init; } = "coco-bbox";

    /// <summary>Overlaps that make a match, 0 to 1. By default 0.5 to 0.95 in ten steps, computed as the reference does. [T]</summary>
    public IReadOnlyList<double> IouThresholds { get; init; } = Linspace(0.5, 0.95, 10);

    /// <summary>Recalls at which precision is read, 0 to 1. By default 0 to 1 in 101 steps, computed as the reference does. [R]</summary>
    public IReadOnlyList<double> RecallThresholds { get; init; } = Linspace(0, 1, 101);

    /// <summary>
    /// Limits of detections for each image and category (each image, where categories are pooled); any order. [M] The summary needs three,
    /// and reads its first number at a limit of exactly 100.
    /// </summary>
    public IReadOnlyList<int> MaxDetections { get; init; } = [1, 10, 100];

    /// <summary>Areas evaluated separately; the first is that of the numbers per category. [A]</summary>
    public IReadOnlyList<AreaRange> AreaRanges { get; init; } =
        [new("all", 0, 1e10), new("small", 0, 1024), new("medium", 1024, 9216), new("large", 9216, 1e10)];

    /// <summary>Whether a detection must have the category of the ground truth that it matches. False pools all categories.</summary>
    public bool UseCategories { get; init; } = true;

    /// <summary>Images to evaluate, in any order; null for all of the dataset.</summary>
    public IReadOnlyList<long>? ImageIds { get; init; }

    /// <summary>
    /// Categories to evaluate; null for all of the dataset. Where categories are pooled, the order given decides ties between detections
    /// of different categories, as in the reference.
    /// </summary>
    public IReadOnlyList<long>? CategoryIds { get; init; }

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

    private IEnumerable<string> Problems()
    {
        foreach (var problem in UnitProblems("IouThresholds", IouThresholds).Concat(UnitProblems("RecallThresholds", RecallThresholds)))
            yield return problem;
        if (MaxDetections.Count == 0)
            yield return "MaxDetections is empty; at least one limit is needed.";
        foreach (var limit in MaxDetections.Where(limit => limit < 1))
            yield return Text($"MaxDetections holds {limit}; a limit must be at least 1.");
        if (AreaRanges.Count == 0)
            yield return "AreaRanges is empty; at least one range is needed.";
        foreach (var range in AreaRanges.Where(range => !(range.Lower <= range.Upper)))
            yield return Text($"AreaRanges holds {range.Lower} to {range.Upper} (\"{range.Name}\"); the lower end must not be above the upper one.");
        if (!UseCategories && CategoryIds is not null)
        {
            foreach (var twice in CategoryIds.GroupBy(id => id).Where(group => group.Count() > 1))
                yield return Text($"CategoryIds holds {twice.Key} {twice.Count()} times; where categories are pooled, once is allowed (its objects would count {twice.Count()} times).");
        }
    }

    private static IEnumerable<string> UnitProblems(string name, IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            yield return $"{name} is empty; at least one value is needed.";
        foreach (var value in values.Where(value => !(value is >= 0 and <= 1)))
            yield return Text($"{name} holds {value}; a value must be 0 to 1.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
