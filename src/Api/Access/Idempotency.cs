using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;
using Serve.Api.Access.Storage;
using Serve.Api.Problems;

namespace Serve.Api.Access;

/// <summary>
/// Makes things once: a request with an <c>Idempotency-Key</c> that was carried out is answered, when it comes again, with what it was answered. Requests that are
/// refused have made nothing and are forgotten.
/// </summary>
internal sealed class Idempotency(RequestDelegate next, IdempotencyStore store, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>The header with the client's key.</summary>
    public const string KeyHeader = "Idempotency-Key";

    /// <summary>The header of an answer that was kept.</summary>
    public const string ReplayedHeader = "Idempotency-Replayed";

    private const int LongestKey = 128;
    private const int KeptInMemory = 64 << 10;

    // A request that is still worked on after this was cut off, by a kill or with the database.
    private static readonly TimeSpan CutOff = TimeSpan.FromMinutes(5);

    public Task InvokeAsync(HttpContext context)
        => context.GetEndpoint()?.Metadata.GetMetadata<MakesOnceMark>() is not null && context.Request.Headers[KeyHeader] is { Count: > 0 } header
            ? OnceAsync(context, header)
            : next(context);

    private async Task OnceAsync(HttpContext context, StringValues header)
    {
        if (header is not [{ Length: > 0 and <= LongestKey } key] || key.Any(letter => letter is < '!' or > '~'))
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, $"{KeyHeader} must be 1 to {LongestKey} printable ASCII characters without spaces, given once.");

        context.Request.EnableBuffering(KeptInMemory);
        var request = new IdempotencyRow
        {
            Owner = context.Caller.Name,
            Key = key,
            Method = context.Request.Method,
            Path = context.Request.Path + context.Request.QueryString.Value,
            BodyHash = await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted),
            CreatedAt = time.GetUtcNow().UtcDateTime,
        };
        context.Request.Body.Position = 0;
        if (await store.BeginAsync(request, context.RequestAborted) is { } known)
            await ReplayAsync(context, request, known);
        else
            await CarryOutAsync(context, request);
    }

    private async Task ReplayAsync(HttpContext context, IdempotencyRow request, IdempotencyRow known)
    {
        if (known.Method != request.Method || known.Path != request.Path || !known.BodyHash.AsSpan().SequenceEqual(request.BodyHash))
            throw new RequestRefusedException(StatusCodes.Status422UnprocessableEntity,
                $"{KeyHeader} \"{request.Key}\" was sent before, at {known.CreatedAt:u}, with another request ({known.Method} {known.Path}). A new request needs a new key.");
        if (known.Status is not { } status)
            throw time.GetUtcNow().UtcDateTime - known.CreatedAt < CutOff
                ? new RequestRefusedException(StatusCodes.Status409Conflict, $"The request with the {KeyHeader} \"{request.Key}\" is being worked on. Try again in 1 s.") { RetryAfterSeconds = 1 }
                : new RequestRefusedException(StatusCodes.Status409Conflict,
                    $"The request with the {KeyHeader} \"{request.Key}\" was begun at {known.CreatedAt:u} and cut off. Look whether it took effect; another key sends it anew.");

        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = known.ContentType;
        response.Headers.Location = known.Location;
        response.Headers[ReplayedHeader] = "true";
        await response.Body.WriteAsync(known.Body, context.RequestAborted);
    }

    private async Task CarryOutAsync(HttpContext context, IdempotencyRow request)
    {
        var (response, body, aborted) = (context.Response, context.Response.Body, context.RequestAborted);
        using var kept = new MemoryStream();
        response.Body = kept;
        // A client that goes comes again with the same key, and finds the answer.
        context.RequestAborted = lifetime.ApplicationStopping;
        try
        {
            await next(context);
        }
        catch
        {
            await store.ForgetAsync(request, CancellationToken.None);
            throw;
        }
        finally
        {
            response.Body = body;
            context.RequestAborted = aborted;
        }
        if (response.StatusCode is >= StatusCodes.Status200OK and < StatusCodes.Status300MultipleChoices)
            await store.EndAsync(request, response.StatusCode, response.Headers.Location, response.ContentType, kept.ToArray(), CancellationToken.None);
        else
            await store.ForgetAsync(request, CancellationToken.None);
        kept.Position = 0;
        await kept.CopyToAsync(body, aborted);
    }
}
