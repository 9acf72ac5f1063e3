namespace Serve.Eval.Metrics;

/// <summary>The groups of each category.</summary>
internal sealed class CategoryGroups
{
    private readonly MatchInput input;
    private readonly int[] starts;

    /// <summary>Finds them.</summary>
    public CategoryGroups(MatchInput input)
    {
        this.input = input;
        starts = new int[input.CategoryIds.Length + 1];
        foreach (var group in input.Groups)
            starts[group.Category + 1]++;
        for (var k = 1; k < starts.Length; k++)
            starts[k] += starts[k - 1];
    }

    /// <summary>The categories that have groups, those with the most first, so that no thread is left alone with a large one at the end.</summary>
    public int[] LargestFirst()
        => [.. Enumerable.Range(0, input.CategoryIds.Length).Where(k => starts[k] < starts[k + 1]).OrderBy(k => starts[k] - starts[k + 1])];

    /// <summary>Whether two detections of one group have the same score.</summary>
    public bool HasTies => Array.Exists(input.Groups, group =>
    {
        var scores = input.Scores.AsSpan(group.DetectionStart, group.DetectionCount);
        for (var i = 1; i < scores.Length; i++)
        {
            if (scores[i] == scores[i - 1])
                return true;
        }
        return false;
    });

    /// <summary>The groups of a category, by image.</summary>
    public ReadOnlyMemory<PairGroup> Of(int category) => input.Groups.AsMemory(starts[category], starts[category + 1] - starts[category]);
}
