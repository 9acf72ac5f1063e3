using Serve.Eval.Errors;
using Serve.Eval.Reports.Charts;
using Serve.Eval.Reports.Markup;

namespace Serve.Eval.Reports.Html;

/// <summary>What objects are taken for. Of many categories those that are confused most are drawn.</summary>
internal static class ConfusionSection
{
    private const int MostDrawn = 20;
    private const int MostPairs = 12;

    /// <summary>The section; null without an error analysis, or where there is nothing to confuse.</summary>
    public static HtmlSection? Of(EvaluationReport report)
    {
        if (report.Errors?.Confusion is not { Categories.Count: > 1, Cells.Count: > 0 } matrix)
            return null;
        var shown = Shown(matrix);
        var note = shown.Count - 1 == matrix.Categories.Count
            ? "Percent of the row. The last row holds detections on nothing, the last column objects without a detection."
            : ReportNumber.Text($"Percent of the row; of {matrix.Categories.Count} categories the {shown.Count - 1} that are confused most. The last row holds detections on nothing, the last column objects without a detection.");
        var figure = HtmlFigure.Of(
            ReportNumber.Text($"What is taken for what, from score {matrix.ScoreThreshold:0.000}, IoU {matrix.IouThreshold:0.00##}"), Draw(matrix, shown), note: note);
        var pairs = matrix.MostConfused(MostPairs);
        return new("confusion", "Confusion", new MarkupText().Add($"""<div class="beside">{figure}{(pairs.Count == 0 ? MarkupPiece.None : Pairs(matrix, pairs))}</div>""").ToPiece());
    }

    /// <summary>Indices of the categories that are drawn, and of the background.</summary>
    private static List<int> Shown(ConfusionMatrix matrix)
    {
        var background = matrix.Categories.Count;
        if (background <= MostDrawn)
            return [.. Enumerable.Range(0, background + 1)];
        var confused = new long[background];
        foreach (var cell in matrix.Cells.Where(cell => cell.Truth != cell.Detected && cell.Truth < background && cell.Detected < background))
        {
            confused[cell.Truth] += cell.Count;
            confused[cell.Detected] += cell.Count;
        }
        return [.. Enumerable.Range(0, background).OrderByDescending(k => (confused[k], matrix.TruthTotals[k])).Take(MostDrawn).Order(), background];
    }

    private static MarkupPiece Draw(ConfusionMatrix matrix, List<int> shown)
    {
        var background = matrix.Categories.Count;
        string Name(int k, string none) => k == background ? none : matrix.Categories[k].Name;
        HeatCell Cell(int row, int column)
        {
            var (truth, detected) = (shown[row], shown[column]);
            if (truth == background && detected == background)
                return new(null, "neither in truth nor detected");
            var count = matrix.Count(truth, detected);
            var what = truth == background ? $"nothing taken for {Name(detected, "")}"
                : detected == background ? $"{Name(truth, "")} not found"
                : truth == detected ? $"{Name(truth, "")} found" : $"{Name(truth, "")} taken for {Name(detected, "")}";
            return new(matrix.Share(truth, detected, ConfusionShare.OfTruth), ReportNumber.Text($"{what}: {count:N0} of {matrix.TruthTotals[truth]:N0}"));
        }

        return HeatMap.Draw(
            "Confusion matrix: categories in truth by detected categories", ("in truth", [.. shown.Select(k => Name(k, "background"))]),
            ("detected as", [.. shown.Select(k => Name(k, "not found"))]), Cell);
    }

    private static MarkupPiece Pairs(ConfusionMatrix matrix, IReadOnlyList<ConfusionCell> pairs)
    {
        var table = HtmlTable.Of(
            "Categories that are taken for each other most often", [new("in truth", false), new("taken for", false), new("count"), new("of all")],
            pairs.Select(cell => (IReadOnlyList<HtmlCell>)
            [
                new(matrix.Categories[cell.Truth].Name), new(matrix.Categories[cell.Detected].Name), HtmlCell.Count(cell.Count),
                new(ReportNumber.Text($"{100.0 * cell.Count / matrix.TruthTotals[cell.Truth]:0.0}%"), (double)cell.Count / matrix.TruthTotals[cell.Truth]),
            ]));
        return new MarkupText().Add($"""<div class="aside">{table}</div>""").ToPiece();
    }
}
