using System.Text.Json;
using Serve.Eval.Errors;
using Serve.Eval.Json;
using Serve.Eval.Reports.Html;

namespace Serve.Eval.Statistics;

/// <summary>A result to compare.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Evaluation">Its evaluation.</param>
public sealed record NamedResult(string Name, EvaluationResult Evaluation);

/// <summary>A number of one result, and where it stands.</summary>
/// <param name="Result">Name of the result.</param>
/// <param name="Estimate">The number, with its interval.</param>
/// <param name="Rank">1 more than the number of results that are significantly better; null where there is no number.</param>
public sealed record RankedEstimate(string Result, Estimate Estimate, int? Rank);

/// <summary>The difference of a number between two results on the same images.</summary>
/// <param name="First">Name of the first result.</param>
/// <param name="Second">Name of the second.</param>
/// <param name="Difference">First minus second, with the interval of the difference in resamples that are the same for both; its value is null where one has no number.</param>
/// <param name="PValue">
/// Probability of a difference at least as large, in either direction, if it made no matter which of the two results an image's detections come from; null where
/// there is no difference.
/// </param>
/// <param name="AdjustedPValue">The same corrected (Holm) for all pairs of the number; for numbers of categories, for all pairs and categories.</param>
/// <param name="IsSignificant">Whether the adjusted p-value is at most 1 - level.</param>
public sealed record PairDifference(string First, string Second, Estimate Difference, double? PValue, double? AdjustedPValue, bool IsSignificant);

/// <summary>One number in all results.</summary>
/// <param name="Name">The number.</param>
/// <param name="CategoryId">The category that it is of; null for a number of the summary.</param>
/// <param name="Results">In the order in which the results were given.</param>
/// <param name="Differences">Each pair of results, the earlier one first.</param>
public sealed record ComparedNumber(string Name, long? CategoryId, IReadOnlyList<RankedEstimate> Results, IReadOnlyList<PairDifference> Differences);

/// <summary>Several results on the same images.</summary>
public sealed record Comparison
{
    /// <summary>Name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>Images that were resampled.</summary>
    public required int Images { get; init; }

    /// <summary>How it was made.</summary>
    public required StatisticsOptions Options { get; init; }

    /// <summary>Names of the results.</summary>
    public required IReadOnlyList<string> Results { get; init; }

    /// <summary>Numbers of the summary in its order, then those of categories where they were asked for.</summary>
    public required IReadOnlyList<ComparedNumber> Numbers { get; init; }

    /// <summary>What to know when reading it, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>A number of the summary.</summary>
    /// <exception cref="KeyNotFoundException">There is no such number; the message lists those there are.</exception>
    public ComparedNumber this[string name] => Numbers.FirstOrDefault(number => number.CategoryId is null && number.Name == name)
        ?? throw new KeyNotFoundException($"There is no number \"{name}\"; there are {string.Join(", ", Numbers.Where(number => number.CategoryId is null).Select(number => number.Name))}.");

    /// <summary>The comparison as JSON: the properties of this record, numbers in full precision, camelCase names.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ComparisonJson.Default.Comparison);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="InvalidInputException">The text is no such comparison.</exception>
    public static Comparison FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ComparisonJson.Default.Comparison)
                ?? throw new InvalidInputException("The comparison is null; it must be an object as `compare --json` writes it.");
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"The comparison is not one that `compare --json` writes: {SyntaxReason.Shortened(fault.Message)}", fault);
        }
    }

    /// <summary>The comparison as one HTML page that needs nothing else: no network, no other file.</summary>
    /// <param name="dataset">Name of the dataset; null where it is not told.</param>
    /// <param name="images">Where the results disagree; null where that is not told.</param>
    public string ToHtml(string? dataset = null, ComparedImages? images = null) => ComparisonPage.Of(this, dataset, images);

    /// <summary>The comparison as tables for a terminal.</summary>
    public string ToText() => ComparisonText.Of(this);
}
