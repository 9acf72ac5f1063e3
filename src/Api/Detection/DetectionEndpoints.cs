using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Problems;
using Serve.Api.Wire;
using Serve.Inference.Detection;
using Serve.Inference.Repository;

namespace Serve.Api.Detection;

/// <summary>Finds objects in pictures.</summary>
internal static class DetectionEndpoints
{
    private const int DefaultMaxDetections = 100;
    private const int MostDetections = 1000;

    public static IEndpointRouteBuilder MapDetection(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/detect", Detect).WithName("Detect").WithTags("Detection")
            .DisableAntiforgery()
            .AddOpenApiOperationTransformer(DetectDescription.Describe)
            .RequireRateLimiting(DetectionSetup.ConcurrencyPolicy)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status406NotAcceptable)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        return routes;
    }

    /// <summary>Finds objects in one or more pictures.</summary>
    /// <remarks>
    /// The pictures come as the raw body, as files of a form, or as base64 in JSON. The answer is JSON, or with `Accept: image/png`
    /// (also `image/jpeg`, `image/webp`) the picture with its boxes drawn. A request fails as a whole when one of its pictures is refused.
    /// </remarks>
    /// <param name="model">Name of the model; without it the default model.</param>
    /// <param name="version">Version of the model; without it the highest.</param>
    /// <param name="score">Detections with a lower score are left out, 0..1; without it the model's own threshold.</param>
    /// <param name="max">At most so many detections a picture, 1..1000; 100 without it.</param>
    /// <param name="request">The request.</param>
    /// <param name="models">The models.</param>
    /// <param name="reader">Reads the pictures.</param>
    /// <param name="detection">Detects.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ct">Cancels.</param>
    internal static async Task<Results<Ok<DetectResponse>, FileContentHttpResult>> Detect(
        string? model, int? version, double? score, int? max, HttpRequest request,
        ModelRepository models, PictureRequestReader reader, PictureDetection detection, TimeProvider time, CancellationToken ct)
    {
        var start = time.GetTimestamp();
        var options = OptionsOf(score, max);
        var format = AnswerFormat.Choose(request, [AnswerFormat.Json, .. DrawnAnswer.Types]);
        _ = models.Find(model, version);
        var uploads = await reader.ReadAsync(request, ct);
        if (format != AnswerFormat.Json && uploads.Count > 1)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest,
                $"A drawn answer ({format}) shows one picture, the request has {uploads.Count}. Send one, or accept {AnswerFormat.Json}.");

        using var lease = await models.AcquireAsync(model, version, ct);
        var pictures = await detection.DetectAsync(lease.Model, uploads, options, ct);
        if (format != AnswerFormat.Json)
            return TypedResults.File(DrawnAnswer.Draw(pictures[0], format), format);
        return TypedResults.Ok(new DetectResponse(
            lease.Name, lease.Version, [.. pictures.Select(ToDocument)], TimingsOf(pictures, time.GetElapsedTime(start))));
    }

    private static DetectionOptions OptionsOf(double? score, int? max)
    {
        if (score is not (null or >= 0 and <= 1))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"score\": {score} is not between 0 and 1.");
        if (max is not (null or >= 1 and <= MostDetections))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"Parameter \"max\": {max} is not between 1 and {MostDetections}.");
        return new DetectionOptions(score, max ?? DefaultMaxDetections);
    }

    private static DetectedImage ToDocument(DetectedPicture picture) => new(
        picture.FileName, picture.Picture.Width, picture.Picture.Height,
        [.. picture.Result.Detections.Select(found => new DetectionDocument(
            found.Category.Name, found.Category.Id, found.Score, new BoxDocument(found.Box.X1, found.Box.Y1, found.Box.X2, found.Box.Y2)))]);

    private static DetectTimings TimingsOf(IReadOnlyList<DetectedPicture> pictures, TimeSpan total) => new(
        Round(pictures.Sum(picture => picture.DecodeMilliseconds)),
        Round(pictures.Sum(picture => picture.Result.Timings.Queue)),
        Round(pictures.Sum(picture => picture.Result.Timings.Preprocess)),
        Round(pictures.Sum(picture => picture.Result.Timings.Infer)),
        Round(pictures.Sum(picture => picture.Result.Timings.Postprocess)),
        Round(total.TotalMilliseconds));

    // A clock does not know microseconds' fractions; the digits would only be noise in the answer.
    private static double Round(double milliseconds) => Math.Round(milliseconds, 3);
}
