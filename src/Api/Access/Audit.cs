using System.Threading.RateLimiting;
using Serve.Api.Access.Storage;

namespace Serve.Api.Access;

/// <summary>Writes the audit log: every request that changes something, and every one that is refused for want of a key or a role.</summary>
internal sealed partial class Audit(RequestDelegate next, AuditStore store, TimeProvider time, ILogger<Audit> log) : IDisposable
{
    private const int LongestTarget = 400;

    // Refusals cost a stranger nothing, so they must not fill the disk: the log then says how it went on, and the metric counts them all.
    private readonly TokenBucketRateLimiter _strangers = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 100,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 0,
    });

    public Task InvokeAsync(HttpContext context)
    {
        // Before the answer begins, so that who has it finds the entry.
        if (context.GetEndpoint() is RouteEndpoint endpoint && endpoint.Metadata.GetMetadata<RequiredRole>() is not null)
            context.Response.OnStarting(static request => ((Begun)request).RecordAsync(), new Begun(this, context, endpoint));
        return next(context);
    }

    public void Dispose() => _strangers.Dispose();

    private async Task RecordAsync(HttpContext context, RouteEndpoint endpoint)
    {
        var (request, status) = (context.Request, context.Response.StatusCode);
        var caller = context.Features.Get<Caller>();
        if (caller is null && !_strangers.AttemptAcquire().IsAcquired)
        {
            LogStranger(request.Method, request.Path, status);
            return;
        }
        var target = request.Path.Value ?? "";
        try
        {
            await store.AddAsync(
                new AuditRow
                {
                    At = time.GetUtcNow().UtcDateTime,
                    KeyId = caller?.KeyId,
                    Name = caller?.Name,
                    Role = caller?.Role,
                    Address = context.Connection.RemoteIpAddress?.ToString(),
                    Method = request.Method,
                    Route = endpoint.RoutePattern.RawText ?? "",
                    Target = target.Length > LongestTarget ? target[..LongestTarget] : target,
                    Status = status,
                },
                CancellationToken.None);
        }
        catch (Exception fault)
        {
            // What was done is done: the answer must not say otherwise.
            LogFault(fault, caller?.Name, request.Method, request.Path, status);
        }
    }

    private static bool IsRefusal(int status) => status is StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden;

    private static bool IsChange(HttpContext context, RouteEndpoint endpoint)
        => !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            && endpoint.Metadata.GetMetadata<ChangesNothingMark>() is null
            && context.Response.StatusCode is < StatusCodes.Status400BadRequest or >= StatusCodes.Status500InternalServerError
            && context.Response.Headers[Idempotency.ReplayedHeader].Count == 0;

    /// <summary>A request and its route, which is forgotten when the request fails.</summary>
    private sealed record Begun(Audit Audit, HttpContext Context, RouteEndpoint Endpoint)
    {
        public Task RecordAsync() => IsRefusal(Context.Response.StatusCode) || IsChange(Context, Endpoint) ? Audit.RecordAsync(Context, Endpoint) : Task.CompletedTask;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many requests without a key to note each in the audit log: {Method} {Path} was answered {Status}.")]
    private partial void LogStranger(string method, PathString path, int status);

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit log could not be written: {Name} {Method} {Path} was answered {Status}.")]
    private partial void LogFault(Exception exception, string? name, string method, PathString path, int status);
}
