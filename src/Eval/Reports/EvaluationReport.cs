using Serve.Eval.Coco;
using Serve.Eval.Datasets;

namespace Serve.Eval.Reports;

/// <summary>The numbers of one category: null where there is no ground truth.</summary>
public sealed record CategoryReport(long Id, string Name, double? Ap, double? Ap50, double? Ap75, double? Ar);

/// <summary>Precision at each recall threshold, at one IoU threshold, for one category (all areas, largest detection limit).</summary>
public sealed record PrecisionRecallCurve(long CategoryId, double IouThreshold, IReadOnlyList<double> Recall, IReadOnlyList<double> Precision, IReadOnlyList<double> Scores);

/// <summary>What <c>evaluate --json</c> writes and an evaluation's report endpoint answers.</summary>
public sealed record EvaluationReport
{
    /// <summary>Name of the protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>Summary numbers in the reference's order, -1 where there is none.</summary>
    public required IReadOnlyList<double> Stats { get; init; }

    /// <summary>Names of <see cref="Stats"/>.</summary>
    public required IReadOnlyList<string> StatsNames { get; init; }

    /// <summary>Numbers per category.</summary>
    public required IReadOnlyList<CategoryReport> PerCategory { get; init; }

    /// <summary>Precision-recall points per category at IoU 0.5 and 0.75.</summary>
    public required IReadOnlyList<PrecisionRecallCurve> Curves { get; init; }

    /// <summary>Makes the report of an evaluation.</summary>
    public static EvaluationReport From(CocoEvaluation evaluation, Dataset dataset) => throw new NotImplementedException($"{evaluation}{dataset}");

    /// <summary>The report as JSON: full precision, camelCase names, -1 for the nulls of COCO.</summary>
    public string ToJson() => throw new NotImplementedException();
}
