namespace Serve.Eval.Reports;

/// <summary>The numbers of one category over the first area range and the last detection limit.</summary>
/// <param name="Id">The category; -1 where categories are pooled.</param>
/// <param name="Name">Its name; the id as text where the dataset does not list it, <c>all</c> where categories are pooled.</param>
/// <param name="Ap">Mean precision; null where there is no ground truth.</param>
/// <param name="Ap50">The same at overlap 0.5; also null where that is not evaluated.</param>
/// <param name="Ap75">The same at overlap 0.75; also null where that is not evaluated.</param>
/// <param name="Ar">Mean recall; null where there is no ground truth.</param>
public sealed record CategoryReport(long Id, string Name, double? Ap, double? Ap50, double? Ap75, double? Ar)
{
    /// <summary>Its objects that somebody has to find, in the first area range; null in reports of versions that did not count them.</summary>
    public int? Objects { get; init; }
}
