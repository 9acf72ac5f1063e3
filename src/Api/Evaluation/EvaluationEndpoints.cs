using System.ComponentModel;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Serve.Api.Access;
using Serve.Api.Datasets;
using Serve.Api.Datasets.Storage;
using Serve.Api.Evaluation.Gallery;
using Serve.Api.Evaluation.Jobs;
using Serve.Api.Evaluation.Reruns;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Eval.Reports;

namespace Serve.Api.Evaluation;

/// <summary>Evaluations on request.</summary>
internal static class EvaluationEndpoints
{
    private const int DefaultLimit = 50;
    private const int MostLimit = 500;

    public static IEndpointRouteBuilder MapEvaluation(this IEndpointRouteBuilder routes)
    {
        var options = routes.ServiceProvider.GetRequiredService<IOptions<ServeOptions>>().Value;
        routes.MapGet("/v1/protocols", ListProtocols).WithName("ListProtocols").WithTags("Evaluations").Require(Role.Reader);

        var group = routes.MapGroup("/v1/evaluations").WithTags("Evaluations").Require(Role.Reader);
        group.MapPost("/", Create).WithName("CreateEvaluation").Require(Role.Submitter).MakesOnce()
            .AddOpenApiOperationTransformer(EvaluationDescription.DescribeCreate)
            .WithMetadata(new RequestSizeLimitAttribute(options.MaxUploadBytes))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        group.MapGet("/", List).WithName("ListEvaluations").ProducesProblem(StatusCodes.Status400BadRequest);

        var one = group.MapGroup("/{id}").ProducesProblem(StatusCodes.Status404NotFound);
        one.MapGet("/", Get).WithName("GetEvaluation");
        one.MapGet("/events", Events).WithName("GetEvaluationEvents").AddOpenApiOperationTransformer(EvaluationDescription.DescribeEvents).ProducesProblem(StatusCodes.Status400BadRequest);
        one.MapGet("/report", Report).WithName("GetEvaluationReport")
            .AddOpenApiOperationTransformer(EvaluationDescription.DescribeReport)
            .Produces<EvaluationReport>().ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status406NotAcceptable)
            .ProducesProblem(StatusCodes.Status409Conflict);
        one.MapGallery();
        one.MapReruns();
        one.MapDelete("/", Cancel).WithName("CancelEvaluation").Require(Role.Submitter).ProducesProblem(StatusCodes.Status409Conflict);
        return routes;
    }

    /// <summary>Lists the protocols this server evaluates under.</summary>
    internal static Ok<ProtocolList> ListProtocols() => TypedResults.Ok(new ProtocolList(Protocols.Documents));

    /// <summary>Asks for an evaluation of a model, or of detections made elsewhere.</summary>
    /// <remarks>
    /// The answer's `Location` tells where it is followed. Detections of a model that were made before for the same data are not made again. Detections made elsewhere
    /// are a list in JSON or the file of a form, with run lengths or polygons where the protocol compares masks; the numbers are those of `serve evaluate` on the same file.
    /// What is wrong with them is told at once, the place and the field of each: `errors` holds the first 1,000.
    /// </remarks>
    /// <param name="context">The request.</param>
    /// <param name="reader">Reads the request.</param>
    /// <param name="check">Checks it.</param>
    /// <param name="store">Stores it.</param>
    /// <param name="queue">Enqueues it.</param>
    /// <param name="waiting">Tells what it waits for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Accepted<EvaluationDocument>> Create(
        HttpContext context, EvaluationRequestReader reader, EvaluationRequestCheck check, EvaluationStore store, EvaluationQueue queue, Waiting waiting,
        TimeProvider time, CancellationToken ct)
    {
        var request = await reader.ReadAsync(context.Request, ct);
        var accepted = await check.CheckAsync(request, context.Caller, ct);
        if (request.Priority > 0 && context.Caller.Role < Role.Host)
            throw new RequestRefusedException(StatusCodes.Status403Forbidden, $"A priority above 0 needs the role {Role.Host.Name()}; yours is {context.Caller.Role.Name()}.");
        var row = accepted.ToRow(context.Caller.Name, time.GetUtcNow(), request.Priority ?? 0, request.Device, request.Latency ?? false);
        await store.AddAsync(row, accepted.Detections, ct);
        // From here on it is ours: should the enqueueing fail or the client go, the reconciler finds it.
        await queue.EnqueuePlanAsync(row, CancellationToken.None);
        return TypedResults.Accepted($"/v1/evaluations/{row.Id}", await waiting.TellAsync(row.ToDocument(shards: null), CancellationToken.None));
    }

    /// <summary>Lists evaluations, newest first.</summary>
    /// <param name="offset">Place of the first to list, from 0.</param>
    /// <param name="limit">At most so many, 1..500; 50 without it.</param>
    /// <param name="state">Only those that stand there: `queued`, `running`, `done`, `failed` or `cancelled`.</param>
    /// <param name="dataset">Only those on this dataset.</param>
    /// <param name="protocol">Only those under this protocol.</param>
    /// <param name="model">Only those of this model, in any version.</param>
    /// <param name="context">The request.</param>
    /// <param name="queries">Reads evaluations.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="waiting">Tells what they wait for.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<EvaluationList>> List(
        int? offset, int? limit, string? state, string? dataset, string? protocol, string? model, HttpContext context, EvaluationQueries queries, DatasetStore datasets,
        Waiting waiting, CancellationToken ct)
    {
        if (offset < 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"offset\": {offset} is below 0.");
        if (limit is not (null or >= 1 and <= MostLimit))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"limit\": {limit} is not between 1 and {MostLimit}.");
        var page = await queries.ListAsync(new(StateOf(state), dataset, protocol, model), offset ?? 0, limit ?? DefaultLimit, ct);
        var withholding = await datasets.WithholdingAsync(page.Evaluations.Select(document => (document.Dataset, document.DatasetVersionHash)), context.Caller, ct);
        var evaluations = await waiting.TellAsync(page.Evaluations, ct);
        return TypedResults.Ok(page with { Evaluations = [.. evaluations.Select(document => withholding(document.Dataset, document.DatasetVersionHash).Evaluation(document))] });
    }

    /// <summary>Tells where an evaluation stands, with its report when it is done.</summary>
    /// <param name="id">The evaluation.</param>
    /// <param name="context">The request.</param>
    /// <param name="queries">Reads evaluations.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="waiting">Tells what it waits for.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<EvaluationDocument>> Get(string id, HttpContext context, EvaluationQueries queries, DatasetStore datasets, Waiting waiting, CancellationToken ct)
        => TypedResults.Ok(await waiting.TellAsync(await DocumentAsync(id, context.Caller, queries, datasets, ct), ct));

    /// <summary>Streams an evaluation's events until it is over.</summary>
    /// <remarks>
    /// Server-sent events `queued`, `running`, `progress`, `done`, `failed`, `cancelled` with rising ids. With `Last-Event-ID` the stream goes on after
    /// that event; a client that has seen them all is answered 204, which ends a browser's reconnecting.
    /// </remarks>
    /// <param name="id">The evaluation.</param>
    /// <param name="lastEventId">Id of the last event the client has seen.</param>
    /// <param name="context">The request.</param>
    /// <param name="queries">Reads evaluations.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="events">Streams events.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Results<ServerSentEventsResult<EvaluationEvent>, NoContent>> Events(
        string id, [FromHeader(Name = "Last-Event-ID"), Description("Id of the last event the client has seen; without it the stream begins at the first.")] long? lastEventId,
        HttpContext context, EvaluationQueries queries, DatasetStore datasets, EvaluationEvents events, CancellationToken ct)
    {
        var evaluation = await queries.FindAsync(id, ct) ?? throw Unknown(id);
        if (await events.HasSeenAllAsync(evaluation, lastEventId ?? 0, ct))
            return TypedResults.NoContent();
        var withholding = await WithholdingAsync(evaluation, context.Caller, datasets, ct);
        return TypedResults.ServerSentEvents(events.StreamAsync(id, lastEventId ?? 0, ct)
            .Select(item => new SseItem<EvaluationEvent>(withholding.Event(item.Data), item.EventType) { EventId = item.EventId }));
    }

    /// <summary>The report of a finished evaluation.</summary>
    /// <remarks>JSON, a page to look at (`text/html`), a table (`text/csv`) or Markdown, by the `Accept` header or by `format`.</remarks>
    /// <param name="id">The evaluation.</param>
    /// <param name="format">`json`, `html`, `csv` or `markdown`; without it the `Accept` header decides.</param>
    /// <param name="request">The request.</param>
    /// <param name="queries">Reads evaluations.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<ContentHttpResult> Report(
        string id, string? format, HttpRequest request, EvaluationQueries queries, DatasetStore datasets, CancellationToken ct)
    {
        var type = ReportAnswer.Choose(request, format);
        var evaluation = await queries.FindAsync(id, ct) ?? throw Unknown(id);
        var withholding = await WithholdingAsync(evaluation, request.HttpContext.Caller, datasets, ct);
        var report = await queries.ReportAsync(id, ct) ?? throw WithoutReport(evaluation, withholding);
        return ReportAnswer.Of(report, type, withholding, evaluation.Images);
    }

    /// <summary>Cancels an evaluation of the caller's own; an administrator cancels any.</summary>
    /// <param name="id">The evaluation.</param>
    /// <param name="context">The request.</param>
    /// <param name="store">Stores evaluations.</param>
    /// <param name="queue">The engine's jobs.</param>
    /// <param name="queries">Reads evaluations.</param>
    /// <param name="datasets">Knows whose annotations are private.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Ok<EvaluationDocument>> Cancel(
        string id, HttpContext context, EvaluationStore store, EvaluationQueue queue, EvaluationQueries queries, DatasetStore datasets, CancellationToken ct)
    {
        var evaluation = await queries.FindAsync(id, ct) ?? throw Unknown(id);
        if (!context.Caller.Owns(evaluation.Owner))
            throw new RequestRefusedException(StatusCodes.Status403Forbidden,
                $"Evaluation {id} is {evaluation.Owner ?? "nobody"}'s: only {evaluation.Owner ?? "nobody"} and administrators cancel it.");
        var cancelled = await store.CancelAsync(id, ct);
        var document = await DocumentAsync(id, context.Caller, queries, datasets, ct);
        if (document.State != EvaluationState.Cancelled)
            throw new RequestRefusedException(StatusCodes.Status409Conflict, $"Evaluation {id} is over ({document.State}) and cannot be cancelled.");
        if (cancelled)
            await queue.RemoveAsync(id, CancellationToken.None);
        return TypedResults.Ok(document);
    }

    private static EvaluationState? StateOf(string? state)
    {
        if (state is null)
            return null;
        var names = Enum.GetValues<EvaluationState>().ToDictionary(value => value.ToString().ToLowerInvariant());
        return names.TryGetValue(state, out var found) ? found : throw new RequestRefusedException(StatusCodes.Status400BadRequest,
            $"Parameter \"state\": there is no \"{state}\"; there are {string.Join(", ", names.Keys)}.");
    }

    /// <summary>An evaluation as a caller may see it.</summary>
    private static async Task<EvaluationDocument> DocumentAsync(string id, Caller caller, EvaluationQueries queries, DatasetStore datasets, CancellationToken ct)
    {
        var evaluation = await queries.FindAsync(id, ct) ?? throw Unknown(id);
        var document = await queries.DocumentAsync(id, ct) ?? throw Unknown(id);
        var withholding = await WithholdingAsync(evaluation, caller, datasets, ct);
        document = withholding.Evaluation(document);
        return withholding.IsPartial && document.Report is { } report
            ? document with { Report = JsonDocument.Parse(ReportAnswer.Shown(report.GetRawText(), withholding, evaluation.Images).ToJson()).RootElement }
            : document;
    }

    /// <summary>What is withheld from a caller of an evaluation.</summary>
    internal static async Task<Withholding> WithholdingAsync(EvaluationRow evaluation, Caller caller, DatasetStore datasets, CancellationToken ct)
        => (await datasets.WithholdingAsync([(evaluation.Dataset, evaluation.DatasetVersionHash)], caller, ct))(evaluation.Dataset, evaluation.DatasetVersionHash);

    /// <summary>The refusal of what needs the report of an evaluation that has none.</summary>
    internal static RequestRefusedException WithoutReport(EvaluationRow evaluation, Withholding withholding) => new(StatusCodes.Status409Conflict,
        evaluation.State switch
        {
            EvaluationState.Failed => $"Evaluation {evaluation.Id} failed and has no report: {withholding.Text(evaluation.Error)}",
            EvaluationState.Cancelled => $"Evaluation {evaluation.Id} was cancelled and has no report.",
            _ => $"Evaluation {evaluation.Id} is not done yet ({evaluation.Progress():P0}); follow /v1/evaluations/{evaluation.Id}/events.",
        });

    /// <summary>The refusal of an evaluation that there is not.</summary>
    internal static RequestRefusedException Unknown(string id) => new(StatusCodes.Status404NotFound, $"There is no evaluation \"{id}\". GET /v1/evaluations lists them.");
}
