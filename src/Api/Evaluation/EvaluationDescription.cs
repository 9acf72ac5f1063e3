using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;

namespace Serve.Api.Evaluation;

/// <summary>Examples of evaluation requests, and the media types of reports.</summary>
internal static class EvaluationDescription
{
    /// <summary>Completes the operation that asks for an evaluation.</summary>
    public static Task DescribeCreate(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        ApiDescription.AddHeader(operation, "202", "Location", "The evaluation's address.", "uri-reference");
        if (operation.RequestBody is OpenApiRequestBody body)
            body.Description = "Dataset, protocol, and a model or detections.";
        if (operation.RequestBody?.Content is { } content && content.TryGetValue("application/json", out var json))
            json.Examples = new Dictionary<string, IOpenApiExample>
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
            };
        return Task.CompletedTask;
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
