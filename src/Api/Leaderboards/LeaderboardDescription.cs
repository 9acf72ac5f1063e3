using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;

namespace Serve.Api.Leaderboards;

/// <summary>Examples of what is sent to leaderboards.</summary>
internal static class LeaderboardDescription
{
    /// <summary>Completes the operation that opens a leaderboard.</summary>
    public static Task DescribeCreate(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        ApiDescription.AddHeader(operation, "201", "Location", "The leaderboard's address.", "uri-reference");
        if (operation.RequestBody?.Content is { } content && content.TryGetValue("application/json", out var json))
            json.Example = ApiDescription.Example("""
                { "name": "cells", "title": "Blood cells", "protocol": "coco-bbox", "datasets": [ { "name": "cells", "split": "test" } ], "submissionsPerDay": 5 }
                """);
        return Task.CompletedTask;
    }

    /// <summary>Completes the operation that submits.</summary>
    public static async Task DescribeSubmit(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        ApiDescription.AddHeader(operation, "202", "Location", "The submission's address.", "uri-reference");
        ApiDescription.AddHeader(operation, "429", "Retry-After", "Seconds until the next day begins, or the rate allows more.");
        operation.RequestBody = new OpenApiRequestBody
        {
            Description = "A method: a model or detections.",
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = await ApiDescription.ReferenceAsync<SubmissionRequest>(nameof(SubmissionRequest), context, ct),
                    Examples = Examples(),
                },
                ["multipart/form-data"] = new() { Schema = Form() },
            },
        };
    }

    private static Dictionary<string, IOpenApiExample> Examples() => new()
    {
        ["model"] = new OpenApiExample
        {
            Summary = "A model of this server",
            Value = ApiDescription.Example("""{ "method": "Ours, small", "model": "demo-scenes" }"""),
        },
        ["detections"] = new OpenApiExample
        {
            Summary = "Detections made elsewhere, by dataset",
            Value = ApiDescription.Example("""
                { "method": "Ours", "detections": { "demo-scenes": [ { "image_id": 1, "category_id": 1, "bbox": [ 10, 20, 30, 40 ], "score": 0.9 } ] } }
                """),
        },
    };

    private static OpenApiSchema Form() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "Fields of a form, with files of detections or a model.",
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["method"] = Text("What to call the method."),
            ["description"] = Text("A text about it."),
            ["division"] = Text("Under usb, the evaluation division to compete in."),
            ["declared"] = Text("Under usb, how the method came about, as JSON."),
            ["detections"] = ApiDescription.Binary("A COCO results file or a CSV table, compressed by gzip or not; of several datasets one each, called `detections.DATASET`."),
            ["model"] = ApiDescription.Binary("An ONNX file, in place of detections."),
            ["passport"] = ApiDescription.Binary("Its passport (model.json), where it has none inside."),
        },
        Required = new HashSet<string> { "method" },
    };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };
}
