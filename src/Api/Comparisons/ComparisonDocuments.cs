using System.Text.Json;
using System.Text.Json.Serialization;
using Serve.Eval.Errors;

namespace Serve.Api.Comparisons;

/// <summary>Asks for a comparison of evaluations of one dataset under one protocol.</summary>
public sealed record ComparisonRequest
{
    /// <summary>Ids of two or more evaluations that are done, 10 at most.</summary>
    [JsonRequired]
    public IReadOnlyList<string> Evaluations { get; init; } = [];

    /// <summary>What to call each of them, in their order; without it by their models.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Numbers to compare, such as <c>AP</c> and <c>AP50</c>; without it all of the protocol's summary, those by size included.</summary>
    public IReadOnlyList<string>? Metrics { get; init; }

    /// <summary>Whether the average precision of each category is compared too; it is without it.</summary>
    public bool? PerCategory { get; init; }

    /// <summary>Bootstrap resamples of the images, 1..10000; 1000 without it.</summary>
    public int? Resamples { get; init; }

    /// <summary>Random exchanges for p-values, 1..10000; 1000 without it.</summary>
    public int? Permutations { get; init; }

    /// <summary>Confidence level of intervals, above 0 and below 1; 0.95 without it. One minus it is the level of significance.</summary>
    public double? Level { get; init; }

    /// <summary>Intervals that are shown: <c>centred</c> (without it), <c>percentile</c> or <c>bca</c>; percentile and bca are always there too.</summary>
    public string? Method { get; init; }

    /// <summary>The same seed gives the same numbers; 1 without it.</summary>
    public long? Seed { get; init; }

    /// <summary>Images that are listed on which the evaluations disagree most, 0..1000; 20 without it.</summary>
    public int? Images { get; init; }
}

/// <summary>A comparison of evaluations.</summary>
public sealed record ComparisonDocument
{
    /// <summary>Its identifier.</summary>
    public required string Id { get; init; }

    /// <summary>Name of who asked for it.</summary>
    public string? Owner { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Name of the dataset.</summary>
    public required string Dataset { get; init; }

    /// <summary>Split of the dataset.</summary>
    public required string Split { get; init; }

    /// <summary>Name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>What was compared, in the order of the request.</summary>
    public required IReadOnlyList<ComparedEvaluation> Evaluations { get; init; }

    /// <summary>The comparison as <c>serve compare --json</c> writes it: each number in each evaluation, with intervals and ranks, and all differences of two. Null in lists.</summary>
    public JsonElement? Comparison { get; init; }

    /// <summary>The images on which the evaluations disagree most; null in lists, and where they are withheld.</summary>
    public ComparedImages? Images { get; init; }

    /// <summary>What is not told because the dataset's annotations are private; empty when all is told, and in lists.</summary>
    public IReadOnlyList<string> Withheld { get; init; } = [];
}

/// <summary>An evaluation in a comparison.</summary>
/// <param name="Id">Its identifier.</param>
/// <param name="Name">What the comparison calls it.</param>
/// <param name="Model">Name of its model; null when detections were submitted.</param>
/// <param name="Version">Version of the model.</param>
public sealed record ComparedEvaluation(string Id, string Name, string? Model, int? Version);

/// <summary>Comparisons, newest first.</summary>
/// <param name="Comparisons">One page, without their numbers.</param>
/// <param name="Total">Number of all comparisons.</param>
/// <param name="Offset">Place of the page's first.</param>
/// <param name="Limit">Most entries in a page.</param>
public sealed record ComparisonList(IReadOnlyList<ComparisonDocument> Comparisons, int Total, int Offset, int Limit);
