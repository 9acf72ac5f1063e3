using Microsoft.Extensions.DependencyInjection.Extensions;
using Serve.Api.Telemetry;

namespace Serve.Api.Problems;

/// <summary>Every failure is a problem document (RFC 9457), in every environment alike.</summary>
internal static class ProblemsSetup
{
    public static IServiceCollection AddProblems(this IServiceCollection services)
    {
        services.AddProblemDetails();
        services.TryAddSingleton<DetectMetrics>();
        services.AddExceptionHandler<ProblemHandler>();
        // Otherwise a body that cannot be bound is 400 in production and 500 in development.
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        return services;
    }

    public static WebApplication UseProblems(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = fault => fault is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError,
        });
        app.UseStatusCodePages(context => WriteAsync(context.HttpContext));
        return app;
    }

    private static Task WriteAsync(HttpContext context)
    {
        var unbound = context.Response.StatusCode == StatusCodes.Status400BadRequest ? UnboundParameter.Of(context) : null;
        if (unbound is not null)
            context.RequestServices.GetRequiredService<DetectMetrics>().Rejected(ProblemHandler.BadRequest);
        return Problem.WriteAsync(context, context.Response.StatusCode, unbound ?? Problem.DefaultDetail(context));
    }
}
