using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;
using Serve.Api.Hosting;
using Serve.Api.Problems;

namespace Serve.Api.Detection;

/// <summary>Registers detection, with a bounded queue before it.</summary>
internal static class DetectionSetup
{
    /// <summary>Name of the limit on concurrent detect requests.</summary>
    public const string ConcurrencyPolicy = "detect";

    private const int RetryAfterSeconds = 1;

    public static IServiceCollection AddDetection(this IServiceCollection services)
    {
        services.AddSingleton<PictureRequestReader>();
        services.AddSingleton<PictureDetection>();
        services.AddRateLimiter(limiter => limiter.OnRejected = (context, ct) =>
        {
            context.HttpContext.Response.Headers.RetryAfter = RetryAfterSeconds.ToString();
            return new ValueTask(Problem.WriteAsync(context.HttpContext, StatusCodes.Status503ServiceUnavailable,
                $"The server is busy: its queue of detect requests is full. Try again in {RetryAfterSeconds} s."));
        });
        services.AddOptions<RateLimiterOptions>().Configure<IOptions<ServeOptions>>((limiter, options) =>
            limiter.AddConcurrencyLimiter(ConcurrencyPolicy, queue =>
            {
                queue.PermitLimit = options.Value.MaxConcurrentRequests;
                queue.QueueLimit = options.Value.MaxQueuedRequests;
                queue.QueueProcessingOrder = QueueProcessingOrder.OldestFirst;
            }));
        return services;
    }
}
