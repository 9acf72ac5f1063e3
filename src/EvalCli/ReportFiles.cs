using Serve.Eval.Coco;
using Serve.Eval.Metrics;
using Serve.Eval.Reports;

namespace Serve.EvalCli;

/// <summary>The files that an evaluation writes; null for those that are not asked for.</summary>
/// <param name="Json">The whole report.</param>
/// <param name="Html">One page.</param>
/// <param name="Csv">A table of values.</param>
/// <param name="Markdown">For a pull request.</param>
/// <param name="Arrays">Precision, recall and scores.</param>
/// <param name="Baseline">An earlier report to compare with.</param>
/// <param name="WithImages">False where nothing is told of single images.</param>
internal sealed record ReportFiles(string? Json, string? Html, string? Csv, string? Markdown, string? Arrays, EvaluationReport? Baseline, bool WithImages)
{
    /// <summary>Whether a report is written.</summary>
    public bool HasReport => (Json ?? Html ?? Csv ?? Markdown) is not null;

    /// <summary>Whether an HTML page is written.</summary>
    public bool HasPage => Html is not null;

    /// <summary>Writes all of them, each under a temporary name first.</summary>
    /// <param name="page">The report that the page shows.</param>
    /// <param name="tables">The report that the other files show.</param>
    /// <param name="curves">The arrays.</param>
    /// <param name="ct">Cancels.</param>
    public async Task WriteAsync(EvaluationReport page, EvaluationReport tables, PrecisionRecall curves, CancellationToken ct)
    {
        (page, tables) = WithImages ? (page, tables) : (page.WithoutImages(), tables.WithoutImages());
        if (Arrays is not null)
            await CocoArrays.WriteAsync(Arrays, curves, ct);
        await WriteAsync(Json, tables.ToJson, ct);
        await WriteAsync(Html, () => page.ToHtml(Baseline), ct);
        await WriteAsync(Csv, tables.ToCsv, ct);
        await WriteAsync(Markdown, () => tables.ToMarkdown(Baseline), ct);
    }

    private static async Task WriteAsync(string? path, Func<string> text, CancellationToken ct)
    {
        if (path is not null)
            await Files.WriteAsync(path, text(), ct);
    }
}
