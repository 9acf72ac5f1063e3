using System.Net.Mime;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Serve.Api.Documents;

/// <summary>What the OpenAPI document says beyond the endpoints' own words.</summary>
internal static class ApiDescription
{
    private static readonly Dictionary<string, string> StatusTexts = new(StringComparer.Ordinal)
    {
        ["200"] = "The answer.",
        ["201"] = "It is new; `Location` tells where it is.",
        ["202"] = "Accepted; `Location` tells where it is followed.",
        ["204"] = "Done, or there is no more to tell.",
        ["400"] = "The request is malformed or a value is out of its range: `detail` says which, and what is allowed.",
        ["401"] = "A key is needed, or the one that was sent is not good: `detail` says why.",
        ["403"] = "The key's role does not allow it, or the server does not: `detail` says which role does, or how to change that.",
        ["404"] = "There is nothing of that name: `detail` lists what there is.",
        ["406"] = "The `Accept` header names no media type that an answer can have.",
        ["409"] = "The state it is in does not allow it.",
        ["412"] = "The condition in `If-Match` or `If-None-Match` does not hold.",
        ["413"] = "More bytes or pixels than the limits allow.",
        ["415"] = "The content type or the picture format is not read: `supported` lists those that are.",
        ["422"] = "A picture is damaged or incomplete, the model makes nothing of it, a model cannot be served, or an `Idempotency-Key` is used twice: `detail` says why.",
        ["429"] = "More requests or submissions than this client may send; try again after `Retry-After` seconds.",
        ["502"] = "A picture cannot be fetched from its address.",
        ["503"] = "Too much to do; try again after `Retry-After` seconds.",
        ["504"] = "It took longer than the request allows.",
        ["507"] = "There is no room for it, on the disk or in memory.",
        ["500"] = "A fault of the server; its log has the cause under `traceId`.",
    };

    /// <summary>Title, version and the words of the tags.</summary>
    public static Task DescribeDocument(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Serve",
            Version = typeof(ApiDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0",
            Description = "Object detection: detect in pictures with any ONNX detector, and evaluate models under standard protocols. "
                + "Boxes are corners in pixels of the picture as a person sees it. Errors are `application/problem+json`.",
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        // Relative, so that the document works behind any address.
        document.Servers = [new OpenApiServer { Url = "/" }];
        foreach (var tag in document.Tags ?? new HashSet<OpenApiTag>())
            tag.Description = TagText(tag.Name);
        return Task.CompletedTask;
    }

    /// <summary>Says what each status means, and the headers that come with it wherever it is answered.</summary>
    public static Task DescribeStatuses(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (StatusTexts.TryGetValue(status, out var text))
                response.Description = text;
            if (status is "201" or "202" && response.Headers?.ContainsKey("Location") is not true)
                AddHeader(operation, status, "Location", "Its address.", "uri-reference");
            if (status is "429" or "503" && response.Content?.ContainsKey(MediaTypeNames.Application.ProblemJson) is true)
                AddHeader(operation, status, "Retry-After", "Seconds after which to try again.");
        }
        return Task.CompletedTask;
    }

    /// <summary>A list that may be left out is not required: the request delegates that the compiler makes describe each list as such.</summary>
    public static Task DescribeOptionalLists(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var bound in context.Description.ActionDescriptor.EndpointMetadata.OfType<IParameterBindingMetadata>())
        {
            if (bound.ParameterInfo.ParameterType.IsArray && nullability.Create(bound.ParameterInfo).WriteState == NullabilityState.Nullable
                && operation.Parameters?.FirstOrDefault(parameter => parameter.Name == bound.Name) is OpenApiParameter described)
                described.Required = false;
        }
        return Task.CompletedTask;
    }

    /// <summary>A header of an answer.</summary>
    public static void AddHeader(OpenApiOperation operation, string status, string name, string description, string? format = null)
    {
        if (operation.Responses?[status] is OpenApiResponse response)
            (response.Headers ??= new Dictionary<string, IOpenApiHeader>())[name] =
                new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = format } };
    }

    /// <summary>The schema of a type that is read or written by hand, so that nothing else brings it into the document.</summary>
    /// <typeparam name="T">The type.</typeparam>
    public static async Task<IOpenApiSchema> ReferenceAsync<T>(string name, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var schema = await context.GetOrCreateSchemaAsync(typeof(T), null, ct);
        return context.Document is { } document ? document.Refer(name, schema) : schema;
    }

    /// <summary>Bytes.</summary>
    public static OpenApiSchema Binary(string description) => new() { Type = JsonSchemaType.String, Format = "binary", Description = description };

    /// <summary>JSON as an example.</summary>
    public static JsonNode Example(string json) => JsonNode.Parse(json)!;

    private static string TagText(string? tag) => tag switch
    {
        "Detection" => "Find objects in pictures.",
        "Models" => "What this server can detect with.",
        "Datasets" => "What models are evaluated on.",
        "Evaluations" => "Measure a model, or detections made elsewhere, under a protocol.",
        "Comparisons" => "Evaluations side by side: is one better, or is it chance?",
        "Leaderboards" => "Methods side by side under one protocol: submit, and see which are better.",
        "Workers" => "The servers that share a database, and the jobs that each runs.",
        "Access" => "Keys, and who changed what.",
        "Health" => "For balancers and monitors.",
        _ => "",
    };
}
