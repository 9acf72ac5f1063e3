using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Access;
using Serve.Api.Detection;
using Serve.Api.Evaluation;
using Serve.Api.Problems;

namespace Serve.Api.Documents;

/// <summary>The OpenAPI document.</summary>
internal static class DocumentsSetup
{
    public static IServiceCollection AddDocuments(this IServiceCollection services)
        => services.AddOpenApi("v1", Describe).AddOpenApi(ClientDocument.Name, document =>
        {
            Describe(document);
            document.AddDocumentTransformer(ClientDocument.Describe);
        });

    private static void Describe(OpenApiOptions document)
    {
        document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        // Both documents hold all endpoints.
        document.ShouldInclude = _ => true;
        document.AddDocumentTransformer(ApiDescription.DescribeDocument);
        document.AddDocumentTransformer(AccessDescription.DescribeSchemes);
        document.AddOperationTransformer(AccessDescription.DescribeOperation);
        document.AddSchemaTransformer(MaskDescription.Describe);
        document.AddSchemaTransformer(SubmittedDetections.Describe);
        document.AddSchemaTransformer(EnumerationDescription.Describe);
        document.AddSchemaTransformer(ReportDescription.Describe);
        document.AddOperationTransformer(ApiDescription.DescribeStatuses);
        document.AddOperationTransformer(ApiDescription.DescribeOptionalLists);
        document.AddDocumentTransformer(ProblemDescription.Describe);
        document.AddDocumentTransformer(ReportDescription.DescribeWherever);
        document.AddDocumentTransformer(SchemaTexts.Describe);
    }

    public static IEndpointRouteBuilder MapDocuments(this IEndpointRouteBuilder routes)
    {
        routes.MapOpenApi("/openapi/{documentName}.json");
        return routes;
    }
}
