using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Serve.Api.Access;
using Serve.Api.Hosting;

namespace Serve.Api.Telemetry;

/// <summary>Metrics for Prometheus at <c>/metrics</c>; traces to a collector where <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> names one.</summary>
internal static class TelemetrySetup
{
    private const string InferenceMeter = "Serve.Inference";
    private const string KestrelMeter = "Microsoft.AspNetCore.Server.Kestrel";
    private const string RuntimeMeter = "System.Runtime";
    private const int FewSeries = 100;
    private const string CollectorSetting = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton<DetectMetrics>();
        services.AddSingleton<ModelGauges>();
        var telemetry = services.AddOpenTelemetry()
            // What comes later wins: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES over the server's own name.
            .ConfigureResource(resource => resource
                .AddService("serve", serviceVersion: typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3))
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter(DetectMetrics.MeterName, InferenceMeter)
                .AddMeter("Microsoft.AspNetCore.Hosting", KestrelMeter, RuntimeMeter)
                // Room for each is taken at once: 144 kB for 2,000, which these never have.
                .AddView(instrument => instrument.Meter.Name is RuntimeMeter or KestrelMeter ? new MetricStreamConfiguration { CardinalityLimit = FewSeries } : null)
                // A scrape shows what has happened up to now, not up to the scrape before.
                .AddPrometheusExporter(prometheus => prometheus.ScrapeResponseCacheDurationMilliseconds = 0));
        if (!string.IsNullOrWhiteSpace(configuration[CollectorSetting]))
            telemetry.WithTracing(traces => traces
                .AddSource(StageSpans.SourceName, InferenceMeter)
                .AddAspNetCoreInstrumentation(http => http.Filter = context => !IsWatching(context.Request.Path))
                .AddOtlpExporter());
        return services;
    }

    public static IEndpointRouteBuilder MapTelemetry(this IEndpointRouteBuilder routes)
    {
        // Gauges exist once somebody holds them.
        routes.ServiceProvider.GetRequiredService<ModelGauges>();
        var metrics = routes.MapPrometheusScrapingEndpoint("/metrics");
        if (!routes.ServiceProvider.GetRequiredService<IOptions<ServeOptions>>().Value.Access.OpenMetrics)
            metrics.Require(Role.Reader);
        return routes;
    }

    // Balancers and Prometheus ask every few seconds, which nobody wants to see.
    private static bool IsWatching(PathString path) => path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics");
}
