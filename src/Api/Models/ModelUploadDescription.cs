using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;

namespace Serve.Api.Models;

/// <summary>Describes the bodies of an upload, which are read by hand.</summary>
internal static class ModelUploadDescription
{
    /// <summary>Completes the operation.</summary>
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Description = "The model.",
            Required = true,
            Content = new Dictionary<string, OpenApiMediaType>
            {
                ["application/octet-stream"] = new() { Schema = ApiDescription.Binary("The ONNX file.") },
                ["multipart/form-data"] = new()
                {
                    Schema = new OpenApiSchema
                    {
                        Type = JsonSchemaType.Object,
                        Description = "`model.onnx`, and what belongs to it: `model.json`, `labels.txt`, files of external data. The files' names decide, those of the fields do not.",
                        Properties = new Dictionary<string, IOpenApiSchema> { ["model"] = ApiDescription.Binary("The ONNX file.") },
                        AdditionalProperties = ApiDescription.Binary("A further file."),
                    },
                },
            },
        };
        foreach (var status in (string[])["200", "201"])
            ApiDescription.AddHeader(operation, status, "ETag", "The version's tag, for If-Match.");
        ApiDescription.AddHeader(operation, "201", "Location", "The version's address.", "uri-reference");
        return Task.CompletedTask;
    }
}
