using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Serve.Api.Access;
using Serve.Api.Hosting;
using Serve.Api.Models;
using Serve.Inference.Repository;

namespace Serve.Api.OpenInference;

/// <summary>The model repository extension: what models there are, and loading and unloading them.</summary>
internal static class RepositoryRoutes
{
    private const int LargestBody = 1 << 20;

    public static void MapRepositoryRoutes(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/repository/index", Index).ChangesNothing();
        var management = routes.MapGroup("/repository/models/{name}").Require(Role.Administrator)
            .AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetRequiredService<ModelManagementRule>().InvokeAsync(context, next));
        management.MapPost("/load", Load);
        management.MapPost("/unload", Unload);
    }

    /// <summary>Every version of every model with its state; with <c>{"ready": true}</c> only those that answer.</summary>
    private static async Task<JsonHttpResult<IReadOnlyList<IndexEntry>>> Index(HttpContext context, ModelRepository models, ServeFolders folders, CancellationToken ct)
    {
        using var body = await ReadAsync(context.Request, ct);
        var onlyReady = false;
        if (body is not null && body.RootElement.TryGetProperty("ready", out var ready))
            onlyReady = ready.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? ready.GetBoolean()
                : throw Refusal.Request("\"ready\": expected true or false.");
        return TypedResults.Json<IReadOnlyList<IndexEntry>>(
            [
                .. models.Versions.Where(version => !onlyReady || version.State == ModelState.Ready)
                    .Select(version => new IndexEntry(version.Name, $"{version.Version}", StateOf(version.State), folders.WithoutPaths(version.Reason))),
            ],
            OpenInferenceJson.Default.IReadOnlyListIndexEntry);
    }

    /// <summary>Loads a model, or loads it anew: the old one answers until the new one is warm, and stays when that fails.</summary>
    private static async Task Load(HttpContext context, string name, ModelRepository models, CancellationToken ct)
    {
        using var body = await ReadAsync(context.Request, ct);
        foreach (var parameter in Parameters(body))
            if (parameter.Name == "config" || parameter.Name.StartsWith("file:", StringComparison.Ordinal))
                throw Refusal.Unsupported($"The parameter \"{parameter.Name}\" is not offered: send files with PUT /v1/models/{name}/versions/{{version}}.");
        try
        {
            await models.LoadAsync(name, null, ct);
        }
        catch (ModelUnavailableException fault)
        {
            throw Refusal.Request($"failed to load '{name}': {fault.Message}").With("code", "load_failed");
        }
    }

    /// <summary>Unloads a model; requests in flight finish.</summary>
    private static async Task Unload(HttpContext context, string name, ModelRepository models, CancellationToken ct)
    {
        using var body = await ReadAsync(context.Request, ct);
        foreach (var parameter in Parameters(body))
            if (parameter.Name == "unload_dependents" && parameter.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                throw Refusal.Request("parameter 'unload_dependents': expected true or false.");
        await models.UnloadAsync(name, null, ct);
    }

    private static string StateOf(ModelState state) => state switch
    {
        ModelState.Ready => "READY",
        ModelState.Loading => "LOADING",
        ModelState.Unloading => "UNLOADING",
        _ => "UNAVAILABLE",
    };

    /// <summary>The body as a JSON object; null when it is empty.</summary>
    private static async Task<JsonDocument?> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        using var body = await RequestBody.ReadAsync(request, LargestBody, ct);
        if (body.Length == 0)
            return null;
        JsonDocument document;
        try
        {
            // A copy, as the document outlives the pooled body.
            document = JsonDocument.Parse(body.Memory.ToArray());
        }
        catch (JsonException malformed)
        {
            throw Refusal.Request(Problems.BadRequestText.Of(malformed));
        }
        if (document.RootElement.ValueKind == JsonValueKind.Object && HasReadableNames(document.RootElement))
            return document;
        var fault = document.RootElement.ValueKind == JsonValueKind.Object
            ? "The JSON body has a name that is not valid UTF-8, or half a surrogate pair."
            : "The body holds no JSON object; leave it empty or send {\"parameters\": {...}}.";
        document.Dispose();
        throw Refusal.Request(fault);
    }

    /// <summary>Whether the names of an object and of those inside it are text: JSON may hold others, which cannot be read.</summary>
    private static bool HasReadableNames(JsonElement json)
    {
        try
        {
            return json.EnumerateObject().All(member => member.Name is not null && (member.Value.ValueKind != JsonValueKind.Object || HasReadableNames(member.Value)));
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static List<JsonProperty> Parameters(JsonDocument? body)
    {
        if (body is null || !body.RootElement.TryGetProperty("parameters", out var parameters) || parameters.ValueKind == JsonValueKind.Null)
            return [];
        if (parameters.ValueKind != JsonValueKind.Object)
            throw Refusal.Request("\"parameters\": expected an object.");
        List<JsonProperty> all = [.. parameters.EnumerateObject()];
        foreach (var parameter in all)
            if (parameter.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array or JsonValueKind.Null)
                throw Refusal.Request($"parameter '{parameter.Name}': a parameter is a string, a number or a boolean.");
        return all;
    }
}
