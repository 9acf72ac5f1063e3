using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;

namespace Serve.Api.Comparisons;

/// <summary>An example of a comparison's request, and the media types of its answers.</summary>
internal static class ComparisonDescription
{
    /// <summary>Completes the operation that compares.</summary>
    public static Task DescribeCreate(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        ApiDescription.AddHeader(operation, "201", "Location", "The comparison's address.", "uri-reference");
        if (operation.RequestBody?.Content is { } content && content.TryGetValue("application/json", out var json))
            json.Example = ApiDescription.Example("""
                { "evaluations": [ "01941f29c7ab7d3c8a5ad6e5c0f3b1a2", "01941f2a03d07f1e9b6c4d2e8f5a7b90" ], "names": [ "new", "old" ], "metrics": [ "AP", "AP50" ] }
                """);
        return Task.CompletedTask;
    }

    /// <summary>Completes the operation that answers a comparison.</summary>
    public static Task DescribeGet(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        if (operation.Responses?["200"]?.Content is { } answers)
            answers["text/html"] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        return Task.CompletedTask;
    }
}
