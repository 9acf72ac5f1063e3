using Serve.Eval.Metrics;

namespace Serve.Eval;

/// <summary>A number of the summary.</summary>
/// <param name="Name">Its name, such as <c>AP50</c>.</param>
/// <param name="Value">The number; null where no ground truth counts, or where the parameters lack what it needs.</param>
public sealed record SummaryNumber(string Name, double? Value);

/// <summary>The numbers of one category over the first area range and the last detection limit.</summary>
/// <param name="Id">The category; -1 where categories are pooled.</param>
/// <param name="Ap">Mean precision; null where no ground truth counts.</param>
/// <param name="Ap50">The same at overlap 0.5; also null where that is not evaluated.</param>
/// <param name="Ap75">The same at overlap 0.75; also null where that is not evaluated.</param>
/// <param name="Ar">Mean recall; null where no ground truth counts.</param>
public sealed record CategorySummary(long Id, double? Ap, double? Ap50, double? Ap75, double? Ar);

/// <summary>Everything that one evaluation gives.</summary>
public sealed record EvaluationResult
{
    /// <summary>The protocol, with its parameters.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>What matches what.</summary>
    public required MatchTable Matches { get; init; }

    /// <summary>Precision, recall and score arrays.</summary>
    public required PrecisionRecall Curves { get; init; }

    /// <summary>What the numbers of <see cref="Summary"/> mean, in the same order; resampling computes them again.</summary>
    public required IReadOnlyList<Metric> Metrics { get; init; }

    /// <summary>The protocol's numbers in the reference's order; empty where it makes no summary of the parameters.</summary>
    public required IReadOnlyList<SummaryNumber> Summary { get; init; }

    /// <summary>Why <see cref="Summary"/> is empty; null where it is not.</summary>
    public string? NoSummary { get; init; }

    /// <summary>Numbers per category, in the order of <see cref="PrecisionRecall.CategoryIds"/>.</summary>
    public required IReadOnlyList<CategorySummary> PerCategory { get; init; }

    /// <summary>Input that is evaluated otherwise than one might think, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>A number of the summary by its name; null where there is none.</summary>
    /// <exception cref="KeyNotFoundException">The summary has no such number; the message lists those it has.</exception>
    public double? this[string name] => (Summary.FirstOrDefault(number => number.Name == name)
        ?? throw new KeyNotFoundException($"{Protocol.Name} has no number \"{name}\"; it has {string.Join(", ", Summary.Select(number => number.Name))}.")).Value;
}
