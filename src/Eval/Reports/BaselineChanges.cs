namespace Serve.Eval.Reports;

/// <summary>What changed since an earlier report.</summary>
internal static class BaselineChanges
{
    private const int MostCategories = 8;
    private const double Visible = 0.0005;

    /// <summary>A change in three decimals with its sign; a dash where there is none to tell.</summary>
    public static string Text(double? now, double? before) => now is { } value && before is { } old ? ReportNumber.Change(value - old) : "–";

    /// <summary>Categories whose AP changed most, most first; those whose change is not seen in three decimals are left out.</summary>
    public static IReadOnlyList<(string Name, double Change)> Largest(EvaluationReport report, EvaluationReport baseline)
    {
        var before = baseline.PerCategory.DistinctBy(category => category.Id).ToDictionary(category => category.Id, category => category.Ap);
        return
        [
            .. report.PerCategory.Select(category => (category.Name, Change: category.Ap - before.GetValueOrDefault(category.Id)))
                .Where(change => Math.Abs(change.Change ?? 0) >= Visible)
                .Select(change => (change.Name, Change: change.Change!.Value))
                .OrderByDescending(change => Math.Abs(change.Change)).Take(MostCategories),
        ];
    }

    /// <summary>Why the two are not quite comparable, a sentence each.</summary>
    public static IEnumerable<string> Differences(EvaluationReport report, EvaluationReport baseline)
    {
        if (report.Protocol != baseline.Protocol)
            yield return $"The baseline was evaluated under {baseline.Protocol}, this report under {report.Protocol}.";
        if (report.DatasetHash != baseline.DatasetHash)
            yield return "The baseline was evaluated on other annotations.";
        var (now, before) = (report.Parameters, baseline.Parameters);
        if (!now.IouThresholds.SequenceEqual(before.IouThresholds) || !now.MaxDetections.SequenceEqual(before.MaxDetections)
            || !now.AreaRanges.SequenceEqual(before.AreaRanges) || now.UseCategories != before.UseCategories || now.StrictReference != before.StrictReference)
        {
            yield return "The baseline was evaluated with other parameters.";
        }
        if (report.Images != baseline.Images)
            yield return ReportNumber.Text($"The baseline was evaluated on {baseline.Images} images, this report on {report.Images}.");
    }
}
