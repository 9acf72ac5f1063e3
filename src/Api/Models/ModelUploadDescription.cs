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

    /// <summary>Names the headers that make a change depend on what is there.</summary>
    public static Task DescribeConditions(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        foreach (var (name, text) in ((string, string)[])[
            ("If-Match", "Only where the version has this tag, as its `ETag` has it; `*` where there is any."), ("If-None-Match", "`*`: only where there is none yet.")])
            (operation.Parameters ??= []).Add(new OpenApiParameter { Name = name, In = ParameterLocation.Header, Description = text, Schema = new OpenApiSchema { Type = JsonSchemaType.String } });
        return Task.CompletedTask;
    }
}
