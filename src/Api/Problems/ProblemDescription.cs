using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Serve.Api.Datasets;
using Serve.Api.Documents;
using Serve.Api.Leaderboards;

namespace Serve.Api.Problems;

/// <summary>Describes what problem documents of this server hold beyond those of the standard, so that clients need not guess.</summary>
internal static class ProblemDescription
{
    /// <summary>Completes the schema of problem documents.</summary>
    public static async Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        if (document.Components?.Schemas is not { } schemas || !schemas.TryGetValue(nameof(ProblemDetails), out var known) || known is not OpenApiSchema { Properties: { } members } problem)
            return;
        problem.Description = "Why a request was refused (RFC 9457). `detail` is for people and always there; the members after `instance` only where they help.";
        problem.AdditionalProperties = new OpenApiSchema();
        foreach (var (name, text) in ((string, string)[])[
            ("type", "Where the status is explained."), ("title", "The status in words."), ("status", "The HTTP status."), ("detail", "What was given, what is allowed, and what to do."),
            ("instance", "Path of the request.")])
            members[name].Description = text;
        Add("errors", new() { Type = JsonSchemaType.Object, AdditionalProperties = Texts() }, "Every fault of the request: field or place to its faults; the first 1,000 of submitted detections.");
        Add("problems", new() { Type = JsonSchemaType.Array, Items = document.Refer(nameof(DatasetProblem), await context.GetOrCreateSchemaAsync(typeof(DatasetProblem), null, ct)) },
            "What is wrong with a dataset, the first 1,000.");
        Add("problemCount", new() { Type = JsonSchemaType.Integer, Format = "int64" }, "How many problems a dataset has in all.");
        var quota = document.Refer(nameof(SubmissionQuota), await context.GetOrCreateSchemaAsync(typeof(SubmissionQuota), null, ct));
        quota.Description = "What the submitter may still submit to the leaderboard today.";
        members["quota"] = quota;
        Add("supported", Texts(), "The media types, or the formats, that are read or written here.");
        Add("models", Texts(), "The models that there are.");
        Add("datasets", Texts(), "The datasets that there are.");
        Add("index", Whole(), "Which picture of the request it is, from 0.");
        Add("fileName", new() { Type = JsonSchemaType.String | JsonSchemaType.Null }, "Name of that picture's file.");
        Add("path", new() { Type = JsonSchemaType.String }, "The place in a JSON body.");
        Add("maxBytes", new() { Type = JsonSchemaType.Integer, Format = "int64" }, "The most bytes that are read.");
        Add("maxFiles", Whole(), "The most files that one request may have.");
        Add("queueLimit", Whole(), "The most pictures that wait for a model.");
        Add("traceId", new() { Type = JsonSchemaType.String }, "What the server's log calls a fault of its own.");

        void Add(string name, OpenApiSchema schema, string text)
        {
            schema.Description = text;
            members[name] = schema;
        }
    }

    private static OpenApiSchema Texts() => new() { Type = JsonSchemaType.Array, Items = new OpenApiSchema { Type = JsonSchemaType.String } };

    private static OpenApiSchema Whole() => new() { Type = JsonSchemaType.Integer, Format = "int32" };
}
