using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Comparisons;
using Serve.Api.Documents;
using Serve.Api.Models;
using Serve.Eval.Reports;
using Serve.Eval.Statistics;

namespace Serve.Api.Evaluation;

/// <summary>Describes what is passed on as it is stored, so that no type of a document tells it: reports, comparisons, passports.</summary>
internal static class ReportDescription
{
    // What the framework makes of JSON of any kind, and of an event that goes over the wire as text.
    private static readonly string[] Nameless = ["JsonElement", "SseItemOfEvaluationEvent"];

    /// <summary>A report's numbers are null where its protocol makes no summary; see <see cref="EvaluationReport.ToJson"/>.</summary>
    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if (context.JsonTypeInfo.Type == typeof(EvaluationReport) && schema.Properties?["stats"] is OpenApiSchema stats)
            stats.Type |= JsonSchemaType.Null;
        return Task.CompletedTask;
    }

    /// <summary>Names the types of the members that hold them.</summary>
    public static async Task DescribeWherever(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        Set(nameof(EvaluationDocument), "report", document.Refer(nameof(EvaluationReport), await context.GetOrCreateSchemaAsync(typeof(EvaluationReport), null, ct)));
        Set(nameof(ComparisonDocument), "comparison", document.Refer(nameof(Comparison), await context.GetOrCreateSchemaAsync(typeof(Comparison), null, ct)));
        Set(nameof(ModelDocument), "passport", new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = new OpenApiSchema() });
        foreach (var name in Nameless)
            document.Components?.Schemas?.Remove(name);

        void Set(string type, string member, IOpenApiSchema schema)
        {
            if (document.Components?.Schemas?[type].Properties is not { } members)
                return;
            var text = members[member].Description ?? members[member].OneOf?.Select(form => form.Description).FirstOrDefault(description => description is not null);
            var described = schema is OpenApiSchema own ? own : schema.OrNull();
            if (described == schema)
                described.Type |= JsonSchemaType.Null;
            described.Description = text;
            members[member] = described;
        }
    }
}
