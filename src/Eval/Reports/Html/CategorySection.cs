using Serve.Eval.Errors;
using Serve.Eval.Reports.Markup;
using Serve.Eval.Statistics;

namespace Serve.Eval.Reports.Html;

/// <summary>The numbers of every category; the script lets the table be sorted and filtered.</summary>
internal static class CategorySection
{
    /// <summary>The section; null without a category.</summary>
    public static HtmlSection? Of(EvaluationReport report, EvaluationReport? baseline)
    {
        if (report.PerCategory.Count == 0)
            return null;
        var before = baseline?.PerCategory.DistinctBy(category => category.Id).ToDictionary(category => category.Id);
        var intervals = report.Intervals?.Estimates.Where(estimate => estimate.CategoryId is not null).DistinctBy(estimate => estimate.CategoryId)
            .ToDictionary(estimate => estimate.CategoryId!.Value);
        var curves = report.Errors?.Categories.DistinctBy(curve => curve.CategoryId).ToDictionary(curve => curve.CategoryId);
        var errors = report.Errors?.Breakdown.Categories.DistinctBy(category => category.Id).ToDictionary(category => category.Id);
        HtmlColumn[] columns =
        [
            new("category", false), new("objects", Tip: "Objects that somebody has to find"), new("AP", Tip: "Average precision"),
            .. intervals is { Count: > 0 } ? [new HtmlColumn("interval of AP", false)] : Array.Empty<HtmlColumn>(),
            .. before is not null ? [new HtmlColumn("change", Tip: "Change of AP since the baseline")] : Array.Empty<HtmlColumn>(),
            new("AP50", Tip: "Average precision at IoU 0.5"), new("AP75", Tip: "Average precision at IoU 0.75"), new("AR", Tip: "Average recall"),
            .. curves is null ? [] : (HtmlColumn[])
            [
                new("best score", Tip: "Score from which F1 is highest"), new("F1", Tip: "F1 from that score on"),
                .. Enum.GetValues<TideError>().Select(error => new HtmlColumn($"{error}", Tip: $"Errors: {ErrorWords.Of(error)}")),
            ],
        ];
        var rows = report.PerCategory.Select(category => (IReadOnlyList<HtmlCell>)
        [
            new(category.Name), HtmlCell.Count(category.Objects), HtmlCell.Part(category.Ap),
            .. intervals is { Count: > 0 } ? [Ends(intervals.GetValueOrDefault(category.Id))] : Array.Empty<HtmlCell>(),
            .. before is not null ? [Change(category.Ap, before.GetValueOrDefault(category.Id)?.Ap)] : Array.Empty<HtmlCell>(),
            HtmlCell.Part(category.Ap50), HtmlCell.Part(category.Ap75), HtmlCell.Part(category.Ar),
            .. curves is null ? [] : Errors(curves.GetValueOrDefault(category.Id), errors!.GetValueOrDefault(category.Id)),
        ]);
        var text = new MarkupText();
        text.Add($"""<p class="filter" hidden=""><label for="filter">Filter <input id="filter" type="search" autocomplete="off" /></label> <output for="filter"></output></p>""");
        return new("categories", "Categories", text.Add($"{HtmlTable.Of("Numbers by category", columns, rows, "sortable")}").ToPiece());
    }

    private static HtmlCell[] Errors(ScoreCurve? curve, CategoryErrors? errors) =>
    [
        HtmlCell.Number(curve?.Best?.Threshold), HtmlCell.Number(curve?.Best?.F1),
        .. Enum.GetValues<TideError>().Select(error => HtmlCell.Count(errors?.Errors[(int)error].Count)),
    ];

    private static HtmlCell Ends(Estimate? estimate)
        => new(estimate?.Interval is { } interval ? $"{ReportNumber.Short(interval.Lower)} to {ReportNumber.Short(interval.Upper)}" : "–");

    private static HtmlCell Change(double? now, double? before) => new(BaselineChanges.Text(now, before), now - before);
}
