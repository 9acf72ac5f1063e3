using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Serve.Api.Access;
using Serve.Api.Comparisons.Storage;
using Serve.Api.Datasets;
using Serve.Api.Datasets.Storage;
using Serve.Api.Problems;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Eval.Errors;
using Serve.Eval.Statistics;

namespace Serve.Api.Comparisons;

/// <summary>Evaluations side by side: is one better, or is it chance?</summary>
internal static class ComparisonEndpoints
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 500;
    private const string Html = "text/html";

    private static readonly string[] Types = [AnswerFormat.Json, Html];

    public static IEndpointRouteBuilder MapComparisons(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/comparisons").WithTags("Comparisons").Require(Role.Reader);
        group.MapPost("/", Create).WithName("CreateComparison").Require(Role.Submitter).MakesOnce()
            .AddOpenApiOperationTransformer(ComparisonDescription.DescribeCreate)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        group.MapGet("/", List).WithName("ListComparisons").ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/{id}", Get).WithName("GetComparison").AddOpenApiOperationTransformer(ComparisonDescription.DescribeGet)
            .Produces<ComparisonDocument>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status406NotAcceptable);
        return routes;
    }

    /// <summary>Compares two or more evaluations of one dataset under one protocol.</summary>
    /// <remarks>
    /// Each number of the summary, those by size included, and the average precision of each category: its value, interval and rank in each evaluation, and the difference of
    /// each two with its interval and p-value. The numbers are those of `serve compare` on the same files. Also the images on which the evaluations disagree most. The answer
    /// is there at once and is kept; `Location` tells where.
    /// </remarks>
    /// <param name="request">The evaluations.</param>
    /// <param name="context">The request.</param>
    /// <param name="check">Checks the request.</param>
    /// <param name="maker">Compares.</param>
    /// <param name="store">Keeps comparisons.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Created<ComparisonDocument>> Create(
        ComparisonRequest request, HttpContext context, ComparisonRequestCheck check, ComparisonMaker maker, ComparisonStore store, DatasetStore datasets, TimeProvider time,
        CancellationToken ct)
    {
        var asked = await check.CheckAsync(request, ct);
        var (now, first) = (time.GetUtcNow(), asked.Evaluations[0]);
        var withholding = await WithholdingAsync(first.Dataset, first.DatasetVersionHash, context.Caller, datasets, ct);
        var (comparison, images) = await MakeAsync(maker, asked, withholding, ct);
        ComparedEvaluation[] evaluations = [.. asked.Evaluations.Zip(asked.Names, (row, name) => new ComparedEvaluation(row.Id, name, row.Model, row.ModelVersion))];
        var made = new ComparisonRow
        {
            Id = Guid.CreateVersion7(now).ToString("N"),
            Owner = context.Caller.Name,
            CreatedAt = now.UtcDateTime,
            Dataset = first.Dataset,
            DatasetVersionHash = first.DatasetVersionHash,
            SplitImages = first.Images,
            Split = first.Split,
            Protocol = first.Protocol,
            Evaluations = JsonSerializer.Serialize(evaluations, ServeJson.Default.IReadOnlyListComparedEvaluation),
            Comparison = comparison.ToJson(),
            Images = JsonSerializer.Serialize(images, ServeJson.Default.ComparedImages),
        };
        await store.AddAsync(made, ct);
        return TypedResults.Created($"/v1/comparisons/{made.Id}", withholding.Comparison(DocumentOf(made, isWhole: true), made.SplitImages));
    }

    /// <summary>Lists comparisons, newest first, without their numbers.</summary>
    /// <param name="offset">Place of the first to list, from 0.</param>
    /// <param name="limit">At most so many, 1..500; 50 without it.</param>
    /// <param name="store">The comparisons.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<ComparisonList>> List(int? offset, int? limit, ComparisonStore store, CancellationToken ct)
    {
        if (offset < 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"offset\": {offset} is below 0.");
        if (limit is not (null or >= 1 and <= MostLimit))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"limit\": {limit} is not between 1 and {MostLimit}.");
        var (rows, total) = await store.ListAsync(offset ?? 0, limit ?? DefaultLimit, ct);
        return TypedResults.Ok(new ComparisonList([.. rows.Select(row => DocumentOf(row, isWhole: false))], total, offset ?? 0, limit ?? DefaultLimit));
    }

    /// <summary>A comparison that was made.</summary>
    /// <remarks>JSON, or a page to look at (`text/html`), by the `Accept` header or by `format`.</remarks>
    /// <param name="id">The comparison.</param>
    /// <param name="format">`json` or `html`; without it the `Accept` header decides.</param>
    /// <param name="request">The request.</param>
    /// <param name="store">The comparisons.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Results<Ok<ComparisonDocument>, ContentHttpResult>> Get(
        string id, string? format, HttpRequest request, ComparisonStore store, DatasetStore datasets, CancellationToken ct)
    {
        if (format is null)
            request.HttpContext.Response.Headers.Append(HeaderNames.Vary, HeaderNames.Accept);
        var type = format switch
        {
            null => AnswerFormat.Choose(request, Types),
            "json" => AnswerFormat.Json,
            "html" => Html,
            _ => throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"format\": there is no \"{format}\"; there are json and html."),
        };
        var row = await store.FindAsync(id, ct)
            ?? throw new RequestRefusedException(StatusCodes.Status404NotFound, $"There is no comparison \"{id}\". GET /v1/comparisons lists them.");
        var withholding = await WithholdingAsync(row.Dataset, row.DatasetVersionHash, request.HttpContext.Caller, datasets, ct);
        var document = withholding.Comparison(DocumentOf(row, isWhole: true), row.SplitImages);
        return type == Html
            ? TypedResults.Text(Comparison.FromJson(document.Comparison!.Value.GetRawText()).ToHtml($"{row.Dataset}/{row.Split}", document.Images), Html, Encoding.UTF8)
            : TypedResults.Ok(document);
    }

    private static async Task<(Comparison Comparison, ComparedImages Images)> MakeAsync(ComparisonMaker maker, CheckedComparison asked, Withholding withholding, CancellationToken ct)
    {
        try
        {
            return await maker.MakeAsync(asked, ct);
        }
        catch (InvalidInputException fault) when (withholding.IsPartial && fault is not RequestRefusedException)
        {
            throw new InvalidInputException(withholding.Text(fault.Message)!, fault);
        }
    }

    private static async Task<Withholding> WithholdingAsync(string dataset, string? hash, Caller caller, DatasetStore datasets, CancellationToken ct)
        => (await datasets.WithholdingAsync([(dataset, hash)], caller, ct))(dataset, hash);

    private static ComparisonDocument DocumentOf(ComparisonRow row, bool isWhole) => new()
    {
        Id = row.Id,
        Owner = row.Owner,
        CreatedAt = new(DateTime.SpecifyKind(row.CreatedAt, DateTimeKind.Utc)),
        Dataset = row.Dataset,
        Split = row.Split,
        Protocol = row.Protocol,
        Evaluations = JsonSerializer.Deserialize(row.Evaluations, ServeJson.Default.IReadOnlyListComparedEvaluation)!,
        Comparison = isWhole ? JsonDocument.Parse(row.Comparison).RootElement : null,
        Images = isWhole ? JsonSerializer.Deserialize(row.Images, ServeJson.Default.ComparedImages) : null,
    };
}
