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
        app.UseStatusCodePages(context => Problem.WriteAsync(context.HttpContext, context.HttpContext.Response.StatusCode,
            Problem.DefaultDetail(context.HttpContext)));
        return app;
    }
}
