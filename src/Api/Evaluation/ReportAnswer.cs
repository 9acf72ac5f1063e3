using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Serve.Api.Datasets;
using Serve.Api.Problems;
using Serve.Api.Wire;
using Serve.Eval.Reports;

namespace Serve.Api.Evaluation;

/// <summary>Answers a report as JSON, as a page to look at, as a table, or as Markdown.</summary>
internal static class ReportAnswer
{
    private const string Html = "text/html";
    private const string Csv = "text/csv";
    private const string Markdown = "text/markdown";

    /// <summary>Media types a report can have, in order of preference.</summary>
    public static IReadOnlyList<string> Types { get; } = [AnswerFormat.Json, Html, Csv, Markdown];

    /// <summary>The media type that the client wants.</summary>
    /// <param name="request">The request.</param>
    /// <param name="format">Its name in the address; null where the <c>Accept</c> header decides.</param>
    /// <exception cref="RequestRefusedException">400: no such format; 406: the client accepts none of them.</exception>
    public static string Choose(HttpRequest request, string? format)
    {
        if (format is null)
            request.HttpContext.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        return format switch
        {
            null => AnswerFormat.Choose(request, Types),
            "json" => AnswerFormat.Json,
            "html" => Html,
            "csv" => Csv,
            "markdown" => Markdown,
            _ => throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"format\": there is no \"{format}\"; there are json, html, csv and markdown."),
        };
    }

    /// <summary>The answer.</summary>
    /// <param name="json">The report as it is stored.</param>
    /// <param name="type">One of <see cref="Types"/>.</param>
    /// <param name="withholding">What the caller is told.</param>
    /// <param name="images">Images of the split.</param>
    public static ContentHttpResult Of(string json, string type, Withholding withholding, int images)
    {
        if (type == AnswerFormat.Json && !withholding.IsPartial)
            return TypedResults.Text(json, type);
        var report = Shown(json, withholding, images);
        return TypedResults.Text(
            type switch { AnswerFormat.Json => report.ToJson(), Html => report.ToHtml(), Csv => report.ToCsv(), _ => report.ToMarkdown() }, type, type == AnswerFormat.Json ? null : Encoding.UTF8);
    }

    /// <summary>The report as the caller may see it.</summary>
    /// <param name="json">The report as it is stored.</param>
    /// <param name="withholding">What the caller is told.</param>
    /// <param name="images">Images of the split.</param>
    public static EvaluationReport Shown(string json, Withholding withholding, int images) => withholding.Report(EvaluationReport.FromJson(json), images);
}
