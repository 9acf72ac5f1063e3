using Serve.Eval.Metrics;

namespace Serve.Eval.Coco;

/// <summary>The numbers of one category over the first area range and the last detection limit.</summary>
/// <param name="Id">The category; -1 where categories are pooled.</param>
/// <param name="Ap">Mean precision; null where no ground truth counts.</param>
/// <param name="Ap50">The same at overlap 0.5; also null where that is not evaluated.</param>
/// <param name="Ap75">The same at overlap 0.75; also null where that is not evaluated.</param>
/// <param name="Ar">Mean recall; null where no ground truth counts.</param>
public sealed record CategorySummary(long Id, double? Ap, double? Ap50, double? Ap75, double? Ar);

/// <summary>Everything that one COCO evaluation gives.</summary>
/// <param name="Protocol">The parameters.</param>
/// <param name="Matches">What matches what.</param>
/// <param name="Curves">Precision, recall and score arrays.</param>
/// <param name="Summary">The twelve numbers; null with fewer than three detection limits.</param>
/// <param name="PerCategory">Numbers per category, in the order of <see cref="PrecisionRecall.CategoryIds"/>.</param>
public sealed record CocoEvaluation(
    CocoProtocol Protocol, MatchTable Matches, PrecisionRecall Curves, CocoSummary? Summary, IReadOnlyList<CategorySummary> PerCategory);
