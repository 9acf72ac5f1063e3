using Microsoft.AspNetCore.Diagnostics;
using Serve.Api.Hosting;
using Serve.Api.Models;
using Serve.Api.Storage;
using Serve.Api.Telemetry;
using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Pictures;
using Serve.Inference.Repository;

namespace Serve.Api.Problems;

/// <summary>Turns exceptions into problem documents: what a user can mend with its cause, everything else without.</summary>
internal sealed partial class ProblemHandler(ServeFolders folders, DetectMetrics metrics, ILogger<ProblemHandler> log) : IExceptionHandler
{
    /// <summary>What the metrics call a request that is wrong.</summary>
    public const string BadRequest = "bad-request";

    private const int DatabaseRetrySeconds = 2;

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var extensions = new Dictionary<string, object?>();
        var (status, detail) = Describe(exception, httpContext, extensions);
        if (status == StatusCodes.Status500InternalServerError)
        {
            var traceId = RequestTrace.IdOf(httpContext);
            extensions["traceId"] = traceId;
            if (exception is not RequestRefusedException)
                LogFault(exception, httpContext.Request.Method, httpContext.Request.Path, traceId);
        }
        metrics.Rejected(CauseOf(exception, status));
        httpContext.Response.StatusCode = status;
        await Problem.WriteAsync(httpContext, status, folders.WithoutPaths(detail), extensions);
        return true;
    }

    private static (int Status, string Detail) Describe(Exception exception, HttpContext context, Dictionary<string, object?> extensions)
    {
        switch (exception)
        {
            case RequestRefusedException refused:
                foreach (var (name, value) in refused.Extensions)
                    extensions[name] = value;
                if (refused.RetryAfterSeconds is { } seconds)
                    context.Response.Headers.RetryAfter = seconds.ToString();
                return (refused.Status, refused.Message);
            case PictureException picture:
                if (picture.Fault == PictureFault.Unsupported)
                    extensions["supported"] = PictureDecoder.MediaTypes;
                return (PictureProblem.StatusOf(picture.Fault), picture.Message);
            case QueueFullException full:
                context.Response.Headers.RetryAfter = "1";
                extensions["queueLimit"] = full.Limit;
                return (StatusCodes.Status503ServiceUnavailable, "The model's queue is full. Try again in 1 s.");
            case RequestTimeoutException timeout:
                return (StatusCodes.Status504GatewayTimeout, timeout.Message);
            case UnknownModelException unknown:
                extensions["models"] = unknown.Names;
                return (StatusCodes.Status404NotFound, unknown.Message);
            case ModelUnavailableException unavailable:
                // It may be loaded by then, or mended: files that change are tried again.
                context.Response.Headers.RetryAfter = "1";
                return (StatusCodes.Status503ServiceUnavailable, unavailable.Message);
            case ModelConflictException conflict:
                return (conflict.IsCondition ? StatusCodes.Status412PreconditionFailed : StatusCodes.Status409Conflict, conflict.Message);
            case ModelOutputException output:
                return (StatusCodes.Status422UnprocessableEntity, ModelProblem.Of(output).Message);
            case InvalidInputException invalid:
                return (StatusCodes.Status400BadRequest, invalid.Message);
            case BadHttpRequestException bad:
                return (bad.StatusCode, BadRequestText.Of(bad));
            case IOException disk when StorageFaults.IsFull(disk):
                return (StatusCodes.Status507InsufficientStorage, "The disk of the server is full, where large requests are kept while they are read.");
            case not null when DatabaseFault.Of(exception) is { } fault:
                if (!fault.IsFull)
                    context.Response.Headers.RetryAfter = $"{DatabaseRetrySeconds}";
                return (fault.IsFull ? StatusCodes.Status507InsufficientStorage : StatusCodes.Status503ServiceUnavailable, fault.Text);
            default:
                return (StatusCodes.Status500InternalServerError, "The server failed to answer. The cause is in its log, under the trace id given here.");
        }
    }

    /// <summary>What the metrics call it: few words, so that they stay few series.</summary>
    private static string CauseOf(Exception exception, int status) => (exception, status) switch
    {
        (RequestRefusedException { Cause: { } cause }, _) => cause,
        (QueueFullException, _) => "queue-full",
        (ModelUnavailableException, _) => "model-unavailable",
        (ModelOutputException, _) => "model-output",
        (_, StatusCodes.Status503ServiceUnavailable) when DatabaseFault.Of(exception) is not null => "database",
        (_, StatusCodes.Status404NotFound) => "not-found",
        (_, StatusCodes.Status413PayloadTooLarge) => "too-large",
        (_, StatusCodes.Status415UnsupportedMediaType) => "unsupported",
        (_, StatusCodes.Status422UnprocessableEntity) => "broken-picture",
        (_, StatusCodes.Status501NotImplemented) => "unsupported",
        (_, StatusCodes.Status502BadGateway) => "fetch",
        (_, StatusCodes.Status504GatewayTimeout) => "timeout",
        (_, StatusCodes.Status507InsufficientStorage) => "no-room",
        (_, >= 500) => "fault",
        _ => BadRequest,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed, trace {TraceId}.")]
    private partial void LogFault(Exception exception, string method, PathString path, string traceId);
}
