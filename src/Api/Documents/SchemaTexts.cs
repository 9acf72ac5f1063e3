using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Serve.Api.Documents;

/// <summary>Texts of the code's comments as a reader of JSON needs them.</summary>
internal static partial class SchemaTexts
{
    /// <summary>Puts the text of a member that may be null beside the member, and names members as JSON does.</summary>
    public static Task Describe(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken ct)
    {
        if (document.Components?.Schemas is not { } schemas)
            return Task.CompletedTask;
        foreach (var schema in schemas.Values.OfType<OpenApiSchema>())
        {
            schema.Description = Of(schema.Description);
            foreach (var member in schema.Properties?.Values ?? [])
            {
                if (member is OpenApiSchema { Description: null, OneOf: [_, OpenApiSchemaReference { Reference.Description: { } text } reference] } open)
                    (open.Description, reference.Description) = (text, null);
                if (member.Description is { } description && Of(description) is { } told && told != description)
                    member.Description = told;
            }
        }
        return Task.CompletedTask;

        // "double ErrorReport.ScoreThreshold" is what a reference to a member becomes.
        string? Of(string? text) => text is null ? null : Member().Replace(text, found
            => !schemas.TryGetValue(found.Groups["type"].Value, out var type) ? found.Value
                : $"`{(type.Enum is null or [] ? JsonNamingPolicy.CamelCase.ConvertName(found.Groups["member"].Value) : WordOf(type, found.Groups["member"].Value))}`");
    }

    private static string WordOf(IOpenApiSchema enumeration, string name)
        => enumeration.Enum!.Select(word => word.GetValue<string>()).FirstOrDefault(word => string.Equals(word, name, StringComparison.OrdinalIgnoreCase)) ?? name;

    [GeneratedRegex(@"(?:(?:IReadOnly\w+(?:<|&lt;)[^ ]*(?:>|&gt;)|double|int|long|bool|string|[A-Z]\w+)\?? (?=[A-Z]\w+\.[A-Z]))?\b(?<type>[A-Z]\w+)\.(?<member>[A-Z]\w+)")]
    private static partial Regex Member();
}
