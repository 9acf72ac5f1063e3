using Microsoft.Extensions.Options;
using Serve.Api.Access;
using Serve.Api.Hosting;
using Serve.Api.Limits;

namespace Serve.Api.OpenInference;

/// <summary>The Open Inference Protocol, version 2, over REST.</summary>
internal static class OpenInferenceEndpoints
{
    public static IServiceCollection AddOpenInference(this IServiceCollection services) => services.AddSingleton<ModelViews>();

    // The protocol publishes its own description, so the document of this server leaves it out.
    public static IEndpointRouteBuilder MapOpenInference(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v2").ExcludeFromDescription().Require(Role.Reader);
        group.MapServerRoutes();
        group.MapRepositoryRoutes();
        group.MapGet("/models/stats", StatisticsRoutes.All);
        foreach (var model in new[] { "/models/{name}", "/models/{name}/versions/{version}" })
        {
            group.MapGet(model, ModelRoutes.Metadata);
            group.MapGet($"{model}/ready", ModelRoutes.Ready);
            group.MapGet($"{model}/config", ModelRoutes.Configuration);
            group.MapGet($"{model}/stats", StatisticsRoutes.OfModel);
            group.MapPost($"{model}/infer", Infer).Limited().ChangesNothing();
        }
        return routes;
    }

    private static async Task Infer(HttpContext context, ModelViews views, IOptions<ServeOptions> options, CancellationToken ct)
    {
        var asked = AskedModel.Of(context);
        // Before the body is read: what is not there needs none.
        views.Find(asked);
        using var body = await RequestBody.ReadAsync(context.Request, options.Value.MaxRequestBytes, ct);
        using var lease = await views.AcquireAsync(asked, ct);
        await InferenceExchange.AnswerAsync(context, body, lease.View, ct);
    }
}
