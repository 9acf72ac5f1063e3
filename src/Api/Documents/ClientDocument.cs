using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Wire;

namespace Serve.Api.Documents;

/// <summary>
/// The OpenAPI document for generators of clients that know one body an operation: of the forms that a request or an answer can have it names one, bytes where
/// there are bytes, else JSON, else the first. What has several shapes (masks) is left open.
/// </summary>
internal static class ClientDocument
{
    /// <summary>Name of the document.</summary>
    public const string Name = "client";

    private const string Bytes = "application/octet-stream";

    /// <summary>Leaves one form of each body.</summary>
    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        document.Info.Description += " This form of the document is for generators of clients: each body has one media type.";
        foreach (var operation in document.Paths.Values.SelectMany(path => path.Operations?.Values ?? Enumerable.Empty<OpenApiOperation>()))
        {
            Keep(operation.RequestBody?.Content, [Bytes, AnswerFormat.Json]);
            foreach (var response in operation.Responses?.Values ?? Enumerable.Empty<IOpenApiResponse>())
            {
                Keep(response.Content, [AnswerFormat.Json]);
                foreach (var media in response.Content?.Values ?? Enumerable.Empty<OpenApiMediaType>())
                    media.Schema = media.Schema?.OneOf is [var first, ..] ? first : media.Schema;
            }
        }
        foreach (var member in document.Components?.Schemas?.Values.SelectMany(schema => schema.Properties?.Values ?? Enumerable.Empty<IOpenApiSchema>()) ?? [])
            if (member is OpenApiSchema { OneOf.Count: > 1 } open && open.OneOf.Count(form => form.Type != JsonSchemaType.Null) > 1)
                open.OneOf = null;
        return Task.CompletedTask;
    }

    private static void Keep(IDictionary<string, OpenApiMediaType>? content, string[] preferred)
    {
        if (content is null || (preferred.FirstOrDefault(content.ContainsKey) ?? content.Keys.FirstOrDefault()) is not { } kept)
            return;
        foreach (var other in content.Keys.Where(type => type != kept).ToList())
            content.Remove(other);
    }
}
