using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Documents;

namespace Serve.Api.Access;

/// <summary>What the OpenAPI document says of keys.</summary>
internal static class AccessDescription
{
    private const string BearerScheme = "bearer";
    private const string HeaderScheme = "header";

    /// <summary>Describes the two ways in which a key is sent.</summary>
    public static Task DescribeSchemes(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        document.AddComponent<IOpenApiSecurityScheme>(BearerScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A key of this server. None is needed where the server listens on loopback alone.",
        });
        document.AddComponent<IOpenApiSecurityScheme>(HeaderScheme, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            In = ParameterLocation.Header,
            Name = Gate.KeyHeader,
            Description = "The same key, for clients that cannot set Authorization.",
        });
        return Task.CompletedTask;
    }

    /// <summary>Says which role an operation needs, and that it takes an <c>Idempotency-Key</c>.</summary>
    public static Task DescribeOperation(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (metadata.OfType<RequiredRole>().ToList() is { Count: > 0 } roles)
        {
            operation.Security = [Requirement(BearerScheme, context.Document), Requirement(HeaderScheme, context.Document)];
            var text = $"Role: {roles.Max(required => required.Role).Name()}.";
            operation.Description = string.IsNullOrEmpty(operation.Description) ? text : $"{operation.Description.TrimEnd()}\n\n{text}";
        }
        if (metadata.OfType<MakesOnceMark>().Any())
        {
            foreach (var status in operation.Responses?.Keys.Where(status => status.StartsWith('2')) ?? [])
                ApiDescription.AddHeader(operation, status, Idempotency.ReplayedHeader, $"`true` where this is the answer to an earlier request with the same `{Idempotency.KeyHeader}`.");
            (operation.Parameters ??= []).Add(new OpenApiParameter
            {
                Name = Idempotency.KeyHeader,
                In = ParameterLocation.Header,
                Description = "Any text of the client's, at most 128 printable characters. The same request with the same text is carried out once in 24 h, and answered again with "
                    + $"`{Idempotency.ReplayedHeader}: true`; another request with it is refused.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 128 },
            });
        }
        return Task.CompletedTask;
    }

    private static OpenApiSecurityRequirement Requirement(string scheme, OpenApiDocument? document) => new() { [new OpenApiSecuritySchemeReference(scheme, document)] = [] };
}
