using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;
using Serve.Api.Wire;

namespace Serve.Api.Detection;

/// <summary>Describes the bodies of a detect request, which is read by hand, and of its answers.</summary>
internal static class DetectDescription
{
    private const string RequestExample = """
        { "images": [ { "fileName": "dot.gif", "base64": "R0lGODlhAQABAAAAACwAAAAAAQABAAA=" } ] }
        """;

    private const string ResponseExample = """
        {
          "model": "blood-cells", "version": 1,
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
                ["image/*"] = new() { Schema = Binary("The bytes of one picture file; its format is recognised from its content.") },
                ["application/octet-stream"] = new() { Schema = Binary("The bytes of one picture file.") },
                ["application/json"] = new()
                {
                    Schema = await JsonSchemaAsync(context, ct),
                    Example = ApiDescription.Example(RequestExample),
                },
            },
        };
        ApiDescription.AddHeader(operation, "503", "Retry-After", "Seconds after which to try again.");
        if (operation.Responses?["200"].Content is not { } answers)
            return;
        answers[AnswerFormat.Json].Example = ApiDescription.Example(ResponseExample);
        foreach (var type in DrawnAnswer.Types)
            answers[type] = new OpenApiMediaType { Schema = Binary("The picture with its boxes drawn.") };
    }

    // The body is read by hand, so nothing else brings its type into the document.
    private static async Task<IOpenApiSchema> JsonSchemaAsync(OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var schema = await context.GetOrCreateSchemaAsync(typeof(DetectRequest), null, ct);
        if (context.Document is not { } document)
            return schema;
        document.AddComponent(nameof(DetectRequest), schema);
        return new OpenApiSchemaReference(nameof(DetectRequest), document);
    }

    private static OpenApiSchema Form() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "One or more files; the field names do not matter.",
        Properties = new Dictionary<string, IOpenApiSchema> { ["image"] = Binary("A picture file.") },
        Required = new HashSet<string> { "image" },
        AdditionalProperties = Binary("A further picture file."),
    };

    private static OpenApiSchema Binary(string description) => new() { Type = JsonSchemaType.String, Format = "binary", Description = description };
}
