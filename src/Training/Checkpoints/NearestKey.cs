namespace Serve.Training.Checkpoints;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NearestKey
{
    private static readonly char[] Separators = ['.', '_'];

    /// <summary>The candidate that differs in the fewest segments; null where each differs in more than half of them.</summary>
    /// <param name="name">The name.</param>
    /// <param name="candidates">The names there are; the first of equally near ones is taken.</param>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var segments = name.Split(Separators);
        var nearest = candidates.Select(candidate => (Name: candidate, Distance: Distance(segments, candidate.Split(Separators)))).MinBy(candidate => candidate.Distance);
        return nearest.Name is not null && nearest.Distance * 2 <= segments.Length ? nearest.Name : null;
    }

    // Levenshtein's, with segments for letters.
    private static int Distance(string[] first, string[] second)
    {
        var row = Enumerable.Range(0, second.Length + 1).ToArray();
        for (var i = 1; i <= first.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= second.Length; j++)
            {
                var replaced = diagonal + (first[i - 1] == second[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
