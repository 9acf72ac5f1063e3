namespace Serve.Api.Evaluation.Reruns;

/// <summary>What came of running an evaluation again.</summary>
/// <param name="Of">The evaluation that was run again.</param>
/// <param name="Identical">Whether every number of the report is the same to the last bit; null until both are known.</param>
/// <param name="Differences">What differs: causes (<c>model</c>, <c>data</c>, <c>protocol</c>, <c>preprocessing</c>, <c>provider</c>, <c>runtime</c>, <c>version</c>, <c>evaluator</c>), then numbers.</param>
public sealed record RerunDocument(string Of, bool? Identical, IReadOnlyList<RerunDifference> Differences);

/// <summary>Something that differs between two runs of an evaluation.</summary>
/// <param name="What">What it is: a cause, a number of the summary, or <c>AP of</c> and a category.</param>
/// <param name="Before">In the evaluation that was run again; null where it has none.</param>
/// <param name="Now">In this one.</param>
public sealed record RerunDifference(string What, string? Before, string? Now);
