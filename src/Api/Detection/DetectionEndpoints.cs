using Microsoft.AspNetCore.Mvc;
using Serve.Api.Access;
using Serve.Api.Limits;
using Serve.Api.Problems;
using Serve.Api.Telemetry;
using Serve.Api.Wire;
using Serve.Inference.Repository;

namespace Serve.Api.Detection;

/// <summary>Finds objects in pictures.</summary>
internal static class DetectionEndpoints
{
    private static readonly string[] JsonAlone = [AnswerFormat.Json];

    private static readonly string[] JsonOrDrawn = [AnswerFormat.Json, .. DrawnAnswer.Types];

    public static IEndpointRouteBuilder MapDetection(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/detect", Detect).WithName("Detect").WithTags("Detection")
            .DisableAntiforgery()
            .AddOpenApiOperationTransformer(DetectDescription.Describe)
            .Limited().Require(Role.Reader).ChangesNothing()
            .Produces<DetectResponse>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status406NotAcceptable)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status502BadGateway)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .ProducesProblem(StatusCodes.Status504GatewayTimeout);
        return routes;
    }

    /// <summary>Finds objects in one or more pictures.</summary>
    /// <remarks>
    /// The pictures come as the raw body, as files of a form, or in JSON as base64 or, where the server allows it, by their addresses. The answer is JSON,
    /// a list of COCO results with `format=coco`, or with `Accept: image/png` (also `image/jpeg`, `image/webp`) the picture with its detections drawn.
    /// A request fails as a whole when one of its pictures is refused, unless it says `partial=true`.
    /// </remarks>
    /// <param name="model">Name of the model; without it the default model.</param>
    /// <param name="version">Version of the model; without it the highest.</param>
    /// <param name="score">Detections with a lower score are left out, 0..1; without it the model's own threshold.</param>
    /// <param name="iou">Boxes of one category that overlap more than this are suppressed, 0..1; without it the model's own. Without effect on models that suppress inside their graph.</param>
    /// <param name="max">At most so many detections a picture, 1..1000; 100 without it.</param>
    /// <param name="classes">Names of the categories that are wanted, separated by commas or given several times; without it all.</param>
    /// <param name="masks">How masks are told: `rle` (COCO's run lengths, exact; without it), `polygons` (outlines within a pixel, holes filled) or `none`.</param>
    /// <param name="format">`json` (without it) or `coco`: a list of COCO results, image ids from numeric file names, else 1, 2, … in the request's order.</param>
    /// <param name="partial">With `true` a refused picture has its `error` in the answer, and the others their detections.</param>
    /// <param name="timeout">Milliseconds that a picture may wait for the model, 1..600000; then the answer is 504.</param>
    /// <param name="priority">0 (without it) for the model's own level, 1 for the highest, larger for lower ones, up to 100.</param>
    /// <param name="context">The request and its answer.</param>
    /// <param name="models">The models.</param>
    /// <param name="reader">Reads the pictures.</param>
    /// <param name="detection">Detects.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task Detect(
        string? model, int? version, double? score, double? iou, int? max, [FromQuery] string[]? classes, string? masks, string? format, bool? partial,
        int? timeout, int? priority, HttpContext context, ModelRepository models, PictureRequestReader reader, PictureDetection detection,
        DetectMetrics metrics, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        DetectQuery.CheckNames(context.Request.Query);
        var query = DetectQuery.Of(score, iou, max, classes, masks, format, partial, timeout, priority);
        var type = AnswerFormat.Choose(context.Request, query.Coco ? JsonAlone : JsonOrDrawn);
        var drawn = type != AnswerFormat.Json;
        // An unknown model is told before the pictures are read.
        _ = models.Find(model, version);
        using var span = StageSpans.Detect();
        using var uploads = await reader.ReadAsync(context.Request, query.Partial, ct);
        if (drawn && uploads.Count > 1)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest,
                $"A drawn answer ({type}) shows one picture, the request has {uploads.Count}. Send one, or accept {AnswerFormat.Json}.");

        using var lease = await models.AcquireAsync(model, version, ct);
        StageSpans.Tag(span, lease);
        var pictures = await detection.DetectAsync(lease.Model, uploads, drawn ? query with { Partial = false } : query, drawn, ct);
        var total = time.GetElapsedTime(start);
        metrics.Answered(lease.Model.Passport, total, pictures.Length);
        var head = AnswerHead.Of(lease.Model, pictures, total);
        head.WriteTo(context.Response.Headers);
        if (drawn)
            await DrawnAnswer.WriteAsync(context.Response, pictures[0], query.Masks, type, ct);
        else if (query.Coco)
            await CocoJson.WriteAsync(context.Response, pictures, query.Masks, ct);
        else
            await DetectionJson.WriteAsync(context.Response, head, pictures, query.Masks, ct);
    }
}
