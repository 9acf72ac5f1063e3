using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Serve.Api.Access;
using Serve.Api.Hosting;
using Serve.Api.Problems;
using Serve.Api.Telemetry;

namespace Serve.Api.Limits;

/// <summary>The limits before inference: a rate a key (429), then a bounded number of requests that are worked on and a bounded queue before them (503).</summary>
internal static class LimitsSetup
{
    private const string ConcurrencyPolicy = "inference";
    private const int LongestKey = 256;
    private const int BusyRetrySeconds = 1;

    private static readonly RatedMark Rated = new();

    public static IServiceCollection AddLimits(this IServiceCollection services)
    {
        services.AddRateLimiter(limiter => limiter.OnRejected = RejectAsync);
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<ServeOptions>, AccessRule>((limiter, options, access) =>
        {
            limiter.AddConcurrencyLimiter(ConcurrencyPolicy, queue =>
            {
                queue.PermitLimit = options.Value.MaxConcurrentRequests;
                queue.QueueLimit = options.Value.MaxQueuedRequests;
                queue.QueueProcessingOrder = QueueProcessingOrder.OldestFirst;
            });
            // Keys may have rates of their own.
            if (options.Value.Rate.PerSecond > 0 || access.NeedsKeys)
                limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => BucketOf(context, options.Value.Rate));
        });
        return services;
    }

    /// <summary>Puts an endpoint that runs models behind both limits.</summary>
    public static TBuilder Limited<TBuilder>(this TBuilder endpoint) where TBuilder : IEndpointConventionBuilder
        => endpoint.RequireRateLimiting(ConcurrencyPolicy).WithMetadata(Rated);

    /// <summary>Whose bucket a request takes from.</summary>
    internal static string KeyOf(HttpContext context, RateOptions rate)
        => context.Features.Get<Caller>()?.KeyId is { } id ? $"caller {id}"
            : rate.KeyHeader.Length > 0 && context.Request.Headers[rate.KeyHeader] is [{ Length: > 0 and <= LongestKey } key]
            ? $"key {key}"
            : $"address {context.Connection.RemoteIpAddress}";

    private static RateLimitPartition<string> BucketOf(HttpContext context, RateOptions rate)
    {
        var (perSecond, burst) = RateOf(context, rate);
        if (perSecond == 0 || context.GetEndpoint()?.Metadata.GetMetadata<RatedMark>() is null)
            return RateLimitPartition.GetNoLimiter("");
        return RateLimitPartition.GetTokenBucketLimiter(KeyOf(context, rate), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = 1,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1 / perSecond),
            QueueLimit = 0,
        });
    }

    /// <summary>A key's own rate, else everyone's.</summary>
    private static (double PerSecond, int Burst) RateOf(HttpContext context, RateOptions rate)
        => context.Features.Get<Caller>() is { PerSecond: { } perSecond, Burst: { } burst } ? (perSecond, burst) : (rate.PerSecond, rate.Burst);

    private static ValueTask RejectAsync(OnRejectedContext rejected, CancellationToken ct)
    {
        var context = rejected.HttpContext;
        var metrics = context.RequestServices.GetRequiredService<DetectMetrics>();
        if (rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait))
        {
            metrics.Rejected("rate");
            var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
            var (perSecond, burst) = RateOf(context, context.RequestServices.GetRequiredService<IOptions<ServeOptions>>().Value.Rate);
            return WriteAsync(context, StatusCodes.Status429TooManyRequests, seconds,
                $"Too many requests: {perSecond} a second are allowed, {burst} at once. Try again in {seconds} s.");
        }
        metrics.Rejected("server-queue-full");
        return WriteAsync(context, StatusCodes.Status503ServiceUnavailable, BusyRetrySeconds,
            $"The server is busy: its queue of requests is full. Try again in {BusyRetrySeconds} s.");
    }

    private static ValueTask WriteAsync(HttpContext context, int status, int retrySeconds, string detail)
    {
        context.Response.Headers.RetryAfter = $"{retrySeconds}";
        return new ValueTask(Problem.WriteAsync(context, status, detail));
    }

    private sealed class RatedMark;
}
