using Serve.Eval.Errors;
using Serve.Eval.Reports.Markup;
using Serve.Eval.Statistics;

namespace Serve.Eval.Reports.Html;

/// <summary>Writes a comparison as one HTML page. A section that has nothing to show is left out.</summary>
internal static class ComparisonPage
{
    /// <summary>The page.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="dataset">Name of the dataset; null where it is not told.</param>
    /// <param name="images">Where the results disagree; null where that is not told.</param>
    public static string Of(Comparison comparison, string? dataset, ComparedImages? images)
    {
        HtmlSection[] sections =
        [
            .. new[]
            {
                Numbers(comparison), Differences("differences", "Differences", comparison, comparison.Numbers.Where(number => number.CategoryId is null)),
                Differences("categories", "Differences by category", comparison, comparison.Numbers.Where(number => number.CategoryId is not null)),
                images is null ? null : Images(images), Notes(comparison),
            }.OfType<HtmlSection>(),
        ];
        var names = string.Join(" and ", comparison.Results);
        return HtmlPage.Of(
            $"Comparison under {comparison.Protocol}", dataset is null ? names : $"{names} on {dataset}", Facts(comparison), sections, $"Serve.Eval {ProvenanceReport.ThisVersion}");
    }

    private static MarkupPiece Facts(Comparison comparison) => new MarkupText()
        .Add($"<span><b>{comparison.Results.Count}</b> results</span><span><b>{comparison.Images:N0}</b> {(comparison.Images == 1 ? "image" : "images")}</span>").ToPiece();

    private static HtmlSection Numbers(Comparison comparison)
    {
        HtmlColumn[] columns =
            [new("number", false), new("result", false), new("value"), new("interval", false), new("rank", Tip: "1 more than the number of results that are significantly better")];
        var rows = from number in comparison.Numbers
                   where number.CategoryId is null
                   from result in number.Results
                   select (IReadOnlyList<HtmlCell>)
                   [
                       new(number.Name), new(result.Result), HtmlCell.Part(result.Estimate.Value), new(Ends(result.Estimate.Interval, signed: false)), HtmlCell.Count(result.Rank),
                   ];
        return new("numbers", "Numbers", HtmlTable.Of("Each number of each result", columns, rows));
    }

    private static HtmlSection? Differences(string id, string title, Comparison comparison, IEnumerable<ComparedNumber> numbers)
    {
        var rows = (from number in numbers
                    from pair in number.Differences
                    select (IReadOnlyList<HtmlCell>)
                    [
                        new(number.Name), new($"{pair.First} − {pair.Second}"),
                        new(pair.Difference.Value is { } value ? ReportNumber.Change(value) : "–", pair.Difference.Value), new(Ends(pair.Difference.Interval, signed: true)),
                        Probability(pair.PValue), Probability(pair.AdjustedPValue), new(pair.IsSignificant ? "yes" : "no"),
                    ]).ToArray();
        if (rows.Length == 0)
            return null;
        HtmlColumn[] columns =
        [
            new("number", false), new("results", false), new("difference"), new("interval", false), new("p", Tip: "Of a difference as large by chance"),
            new("p (Holm)", Tip: "The same, corrected for the number of comparisons"), new("significant", false),
        ];
        return new(id, title, HtmlTable.Of($"{title}, first minus second", columns, rows, "sortable"));
    }

    private static HtmlSection? Images(ComparedImages images)
    {
        if (images.Most.Count == 0)
            return null;
        HtmlColumn[] columns =
        [
            new("image", false), new("id"), new("objects"), new("found by some", Tip: "Objects that some results found and others did not"), new("found by all"),
            .. images.Results.SelectMany(result => (HtmlColumn[])[new($"right: {result.Name}"), new($"wrong: {result.Name}")]),
        ];
        var rows = images.Most.Select(image => (IReadOnlyList<HtmlCell>)
        [
            new(image.FileName.Length > 0 ? image.FileName : ReportNumber.Text($"{image.ImageId}")), new(ReportNumber.Text($"{image.ImageId}"), image.ImageId),
            HtmlCell.Count(image.Objects), HtmlCell.Count(image.FoundBySome), HtmlCell.Count(image.FoundByAll),
            .. image.Results.SelectMany(counts => (HtmlCell[])[HtmlCell.Count(counts.TruePositives), HtmlCell.Count(counts.FalsePositives)]),
        ]);
        var caption = ReportNumber.Text($"Where the results disagree most, of {images.Disagreeing:N0} images on which they do; IoU {images.IouThreshold:0.00##}, each from the score of its highest F1 on");
        return new("images", "Images", HtmlTable.Of(caption, columns, rows, "sortable"));
    }

    private static HtmlSection Notes(Comparison comparison)
    {
        var options = comparison.Options;
        var text = new MarkupText();
        text.Add($"<p>Ranges are {options.Level * 100}% intervals ({ReportNumber.Method(options.Method)}) from {options.Resamples:N0} bootstrap resamples of the images, the same for all results; ");
        text.Add($"p-values are from {options.Permutations:N0} random exchanges; seed {options.Seed}.</p>");
        foreach (var warning in comparison.Warnings)
            text.Add($"""<p class="note">{warning}</p>""");
        return new("notes", "How it was made", text.ToPiece());
    }

    private static HtmlCell Probability(double? value) => new(value is { } number ? ReportNumber.Text($"{number:0.0000}") : "–", value);

    private static string Ends(Interval? interval, bool signed) => interval is null ? "–"
        : signed ? $"{ReportNumber.Change(interval.Lower)} to {ReportNumber.Change(interval.Upper)}"
        : $"{ReportNumber.Short(interval.Lower)} to {ReportNumber.Short(interval.Upper)}";
}
