using System.Globalization;

namespace Serve.Eval;

/// <summary>
/// What a careful reader of an evaluation should know: input that is evaluated otherwise than one might think. A sentence each. Where an evaluation comes in
/// parts, what each counts is summed, and told once.
/// </summary>
internal sealed class Warnings
{
    private readonly List<Finding> findings = [];

    /// <summary>The sentences, in the order in which they were found.</summary>
    public IReadOnlyList<string> Texts => [.. findings.Where(finding => finding.IsTold).Select(finding => finding.Text)];

    /// <summary>Ids of the annotations, where those of other parts are held against them; null where there are no other parts, and nobody asks.</summary>
    public HashSet<long>? AnnotationIds { get; init; }

    /// <summary>Adds a sentence that does not depend on how many there are.</summary>
    public void Add(string text) => Merge(new(text, 1, 0, IfAll: false));

    /// <summary>Adds a sentence that is told unless there are none.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="sentence">Says so, with <c>{0}</c> in the place of the count and <c>{1}</c> in that of <paramref name="of"/>.</param>
    /// <param name="of">How many there might be.</param>
    public void Add(long count, string sentence, long of = 0) => Merge(new(sentence, count, of, IfAll: false));

    /// <summary>Adds a sentence that is told where something holds of all there are, and there are some.</summary>
    public void AddIfAll(long count, long of, string sentence) => Merge(new(sentence, count, of, IfAll: true));

    /// <summary>Adds what was found in a further part.</summary>
    public void Add(Warnings part)
    {
        foreach (var finding in part.findings)
            Merge(finding);
    }

    private void Merge(Finding finding)
    {
        var at = findings.FindIndex(other => other.Sentence == finding.Sentence);
        if (at < 0)
            findings.Add(finding);
        else
            findings[at] = finding with { Count = findings[at].Count + finding.Count, Of = findings[at].Of + finding.Of };
    }

    private readonly record struct Finding(string Sentence, long Count, long Of, bool IfAll)
    {
        public bool IsTold => Count > 0 && (!IfAll || Count == Of);

        public string Text => Sentence
            .Replace("{0}", Count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{1}", Of.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }
}
