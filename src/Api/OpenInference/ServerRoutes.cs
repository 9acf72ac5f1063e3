using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Models;

namespace Serve.Api.OpenInference;

/// <summary>What the protocol tells of the server as a whole.</summary>
internal static class ServerRoutes
{
    private static readonly ServerMetadata Server = new(
        "serve",
        typeof(ServerRoutes).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0",
        ["binary_tensor_data", "model_configuration", "model_repository", "parameters", "schedule_policy", "statistics"]);

    public static void MapServerRoutes(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Metadata);
        routes.MapGet("/health/live", Live).AllowAnonymous();
        routes.MapGet("/health/ready", Ready).AllowAnonymous();
    }

    private static JsonHttpResult<ServerMetadata> Metadata() => TypedResults.Json(Server, OpenInferenceJson.Default.ServerMetadata);

    private static JsonHttpResult<ServerHealth> Live() => TypedResults.Json(new ServerHealth(true), OpenInferenceJson.Default.ServerHealth);

    private static JsonHttpResult<ServerHealth> Ready(ModelReadiness readiness)
    {
        var missing = readiness.Missing();
        return missing.Count == 0
            ? TypedResults.Json(new ServerHealth(true, true, Failed: readiness.Failed() is { Count: > 0 } failed ? failed : null), OpenInferenceJson.Default.ServerHealth)
            : TypedResults.Json(new ServerHealth(true, false, $"Not ready: {string.Join(", ", missing)}."), OpenInferenceJson.Default.ServerHealth,
                statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
