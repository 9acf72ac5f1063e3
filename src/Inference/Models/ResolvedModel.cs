namespace Serve.Inference.Models;

/// <summary>What a graph is served as.</summary>
/// <param name="Passport">Its record: as written, or recognised.</param>
/// <param name="Family">The family that it was recognised as, or that its passport names.</param>
/// <param name="Explanation">How this came about, a sentence each, for people.</param>
internal sealed record ResolvedModel(Passport Passport, string Family, IReadOnlyList<string> Explanation);
