using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;

namespace Serve.Api.Datasets;

/// <summary>Describes the body of an upload, which is read by hand.</summary>
internal static class DatasetUploadDescription
{
    /// <summary>Completes the operation.</summary>
    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        operation.RequestBody = new OpenApiRequestBody
        {
            Description = "The archive. What it is is told from its first bytes.",
            Required = true,
            Content = ((string[])["application/zip", "application/x-tar", "application/gzip", "application/octet-stream"]).ToDictionary(
                type => type, _ => new OpenApiMediaType { Schema = ApiDescription.Binary("The archive's bytes.") }),
        };
        ApiDescription.AddHeader(operation, "201", "Location", "The dataset's address.", "uri-reference");
        return Task.CompletedTask;
    }
}
