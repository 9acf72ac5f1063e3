using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;
using Serve.Api.Wire;

namespace Serve.Api.Detection;

/// <summary>Describes the bodies of a detect request, which is read by hand, and of its answers.</summary>
internal static class DetectDescription
{
    private const string RequestExample = """
        { "images": [ { "fileName": "dot.gif", "base64": "R0lGODlhAQABAAAAACwAAAAAAQABAAA=" }, { "url": "https://images.example.org/dog.jpg" } ] }
        """;

    private const string ResponseExample = """
        {
          "model": "blood-cells", "version": 1, "device": "cpu",
          "images": [
            {
              "fileName": "smear.jpg", "width": 640, "height": 480,
              "detections": [
                { "category": "WBC", "categoryId": 1, "score": 0.93, "box": { "x1": 261.2, "y1": 175.8, "x2": 491.6, "y2": 377.1 } }
              ]
            }
          ],
          "timings": { "decode": 2.1, "queue": 0.1, "preprocess": 0.6, "infer": 41.8, "postprocess": 0.1, "total": 45.2 }
        }
        """;

    /// <summary>Completes the operation.</summary>
    public static async Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Description = "One or more pictures.",
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                // First, so that Swagger UI offers a file chooser.
                ["multipart/form-data"] = new() { Schema = Form() },
                ["image/*"] = new() { Schema = ApiDescription.Binary("The bytes of one picture file; its format is recognised from its content.") },
                ["application/octet-stream"] = new() { Schema = ApiDescription.Binary("The bytes of one picture file.") },
                ["application/json"] = new()
                {
                    Schema = await ApiDescription.ReferenceAsync<DetectRequest>(nameof(DetectRequest), context, ct),
                    Example = ApiDescription.Example(RequestExample),
                },
            },
        };
        ApiDescription.AddHeader(operation, "200", "Serve-Model", "Name of the model that answered.");
        ApiDescription.AddHeader(operation, "200", "Serve-Model-Version", "Its version.");
        ApiDescription.AddHeader(operation, "200", "Serve-Device", "The device that ran it.");
        ApiDescription.AddHeader(operation, "200", "Server-Timing", "Milliseconds of each stage, as in `timings`.");
        if (operation.Responses?["200"].Content is not { } answers)
            return;
        answers[AnswerFormat.Json].Example = ApiDescription.Example(ResponseExample);
        var result = await ApiDescription.ReferenceAsync<CocoResultDocument>(nameof(CocoResultDocument), context, ct);
        answers[AnswerFormat.Json].Schema = new OpenApiSchema
        {
            OneOf = [answers[AnswerFormat.Json].Schema!, new OpenApiSchema { Type = JsonSchemaType.Array, Items = result, Description = "With `format=coco`." }],
        };
        foreach (var type in DrawnAnswer.Types)
            answers[type] = new OpenApiMediaType { Schema = ApiDescription.Binary("The picture with its detections drawn.") };
    }

    private static OpenApiSchema Form() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "One or more files; the field names do not matter.",
        Properties = new Dictionary<string, IOpenApiSchema> { ["image"] = ApiDescription.Binary("A picture file.") },
        Required = new HashSet<string> { "image" },
        AdditionalProperties = ApiDescription.Binary("A further picture file."),
    };
}
