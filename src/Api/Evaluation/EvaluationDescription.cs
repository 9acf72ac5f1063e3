using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;

namespace Serve.Api.Evaluation;

/// <summary>Examples of evaluation requests, and the media types of reports.</summary>
internal static class EvaluationDescription
{
    /// <summary>Completes an operation that begins an evaluation.</summary>
    public static Task DescribeAccepted(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        ApiDescription.AddHeader(operation, "202", "Location", "The evaluation's address.", "uri-reference");
        return Task.CompletedTask;
    }

    /// <summary>Completes the operation that asks for an evaluation.</summary>
    public static async Task DescribeCreate(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        ApiDescription.AddHeader(operation, "202", "Location", "The evaluation's address.", "uri-reference");
        operation.RequestBody = new OpenApiRequestBody
        {
            Description = "Dataset, protocol, and a model or detections.",
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/json"] = new()
                {
                    Schema = await ApiDescription.ReferenceAsync<EvaluationRequest>(nameof(EvaluationRequest), context, ct),
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
            Value = ApiDescription.Example("""{ "dataset": "demo-scenes", "split": "test", "model": "demo-scenes", "protocol": "coco-bbox" }"""),
        },
        ["detections"] = new OpenApiExample
        {
            Summary = "Detections made elsewhere",
            Value = ApiDescription.Example("""
                { "dataset": "demo-scenes", "split": "test", "detections": [ { "image_id": 1, "category_id": 1, "bbox": [ 10, 20, 30, 40 ], "score": 0.9 } ] }
                """),
        },
        ["masks"] = new OpenApiExample
        {
            Summary = "Masks made elsewhere, as run lengths or polygons",
            Value = ApiDescription.Example("""
                {
                  "dataset": "demo-scenes", "split": "test", "protocol": "coco-segm",
                  "detections": [
                    { "image_id": 1, "category_id": 1, "bbox": [ 10, 20, 30, 40 ], "segmentation": [ [ 10, 20, 40, 20, 40, 60, 10, 60 ] ], "score": 0.9 },
                    { "image_id": 1, "category_id": 2, "bbox": [ 0, 0, 1, 2 ], "segmentation": { "size": [ 240, 320 ], "counts": "02noZ2" }, "score": 0.8 }
                  ]
                }
                """),
        },
    };

    private static OpenApiSchema Form() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "The same as fields of a form, with the detections as a file.",
        Properties = new Dictionary<string, IOpenApiSchema>
        {
            ["dataset"] = Text("Name of the dataset."),
            ["datasetVersion"] = Text("Number of the dataset's version; without it the current one."),
            ["split"] = Text("Its split; without it `test` where there is one, else the only one."),
            ["protocol"] = Text("Name of the protocol; `coco-bbox` without it."),
            ["detections"] = ApiDescription.Binary("A COCO results file, or a CSV table with the columns image_id or file_name, category_id or category, x, y, width, height or x1, y1, x2, y2, and score; compressed by gzip or not."),
            ["model"] = Text("Name of the model to run, in place of detections."),
            ["version"] = Text("Version of the model; without it the highest."),
            ["priority"] = Text("-10..10, 0 without it: higher ones come first. Above 0 needs the role host."),
            ["device"] = Text("`cpu` or `gpu`: what has to run the model."),
            ["latency"] = Text("`true` to measure the time that the model takes on single pictures too."),
        },
        Required = new HashSet<string> { "dataset" },
    };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    /// <summary>Completes the operation that streams events: on the wire they are text, and each one's data is JSON.</summary>
    public static async Task DescribeEvents(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        if (operation.Responses?["200"]?.Content is not { } answers)
            return;
        _ = await ApiDescription.ReferenceAsync<EvaluationEvent>(nameof(EvaluationEvent), context, ct);
        var stream = ApiDescription.Binary("Server-sent events, each with `id`, `event` and `data`; `data` is one `EvaluationEvent` as JSON. Events without an `id` only keep the connection.");
        stream.Extensions = new Dictionary<string, IOpenApiExtension>
        {
            ["x-event-data"] = new JsonNodeExtension(new JsonObject { ["$ref"] = $"#/components/schemas/{nameof(EvaluationEvent)}" }),
        };
        answers["text/event-stream"] = new OpenApiMediaType { Schema = stream };
    }

    /// <summary>Completes the operation that answers a report.</summary>
    public static Task DescribeReport(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        if (operation.Responses?["200"]?.Content is { } answers)
        {
            foreach (var type in ReportAnswer.Types.Skip(1))
                answers[type] = new OpenApiMediaType { Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }
        return Task.CompletedTask;
    }
}
