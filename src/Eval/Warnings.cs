namespace Serve.Eval;

/// <summary>What a careful reader of an evaluation should know: input that is evaluated otherwise than one might think. A sentence each.</summary>
internal sealed class Warnings
{
    private readonly List<string> texts = [];

    /// <summary>The sentences, in the order in which they were found.</summary>
    public IReadOnlyList<string> Texts => texts;

    /// <summary>Adds a sentence.</summary>
    public void Add(string text) => texts.Add(text);
}
