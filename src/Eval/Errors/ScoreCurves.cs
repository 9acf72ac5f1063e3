using Serve.Eval.Datasets;

namespace Serve.Eval.Errors;

/// <summary>Curves of all categories together and of each.</summary>
internal sealed class ScoreCurves
{
    private readonly OutcomeTable table;
    private readonly FullCurve overall;
    private readonly FullCurve[] categories;

    private ScoreCurves(OutcomeTable table, FullCurve overall, FullCurve[] categories)
        => (this.table, this.overall, this.categories) = (table, overall, categories);

    /// <summary>Where F1 over all categories is highest; null where no detection is right.</summary>
    public OperatingPoint? Best => overall.Best();

    /// <summary>Counts the detections of an evaluation.</summary>
    public static ScoreCurves Of(OutcomeTable table, int threads, CancellationToken ct)
    {
        var input = table.Matches;
        var (ends, objects) = (new int[input.CategoryIds.Length], new int[input.CategoryIds.Length]);
        foreach (var group in input.Groups)
        {
            ends[group.Category] = group.DetectionStart + group.DetectionCount;
            objects[group.Category] += table.Objects(group);
        }
        // A category without a group has no detections; those of the others follow one another.
        for (var k = 1; k < ends.Length; k++)
            ends[k] = Math.Max(ends[k], ends[k - 1]);
        var curves = new FullCurve[ends.Length + 1];
        // The largest part of the work first.
        Parallel.For(0, curves.Length, new() { MaxDegreeOfParallelism = threads, CancellationToken = ct }, i =>
        {
            var (from, to) = i == 0 ? (0, input.Scores.Length) : (i == 1 ? 0 : ends[i - 2], ends[i - 1]);
            curves[i] = FullCurve.Of(input.Scores.AsSpan(from, to - from), table.Outcomes.AsSpan(from, to - from), i == 0 ? objects.Sum() : objects[i - 1]);
        });
        return new(table, curves[0], curves[1..]);
    }

    /// <summary>The curve of all categories together.</summary>
    public ScoreCurve Overall(double threshold, int columns) => Thinned(overall, -1, "all", threshold, columns);

    /// <summary>The curve of each category, by rising id.</summary>
    public ScoreCurve[] Categories(CategoryNames names, double threshold, int columns, int threads, CancellationToken ct)
    {
        var thinned = new ScoreCurve[categories.Length];
        Parallel.For(0, thinned.Length, new() { MaxDegreeOfParallelism = threads, CancellationToken = ct }, k =>
        {
            var id = table.Matches.CategoryIds[k];
            thinned[k] = Thinned(categories[k], id, names[id], threshold, columns);
        });
        return thinned;
    }

    private static ScoreCurve Thinned(FullCurve curve, long id, string name, double threshold, int columns)
    {
        var places = CurveThinning.Places(curve, columns);
        return new()
        {
            CategoryId = id,
            Name = name,
            Objects = curve.Objects,
            Detections = curve.Detections,
            Scores = Array.ConvertAll(places, place => curve.Scores[place]),
            TruePositives = Array.ConvertAll(places, place => curve.True[place]),
            FalsePositives = Array.ConvertAll(places, place => curve.False[place]),
            Best = curve.Best(),
            Chosen = curve.At(threshold),
        };
    }
}
