using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Serve.Api.Documents;

/// <summary>Enumerations are strings on the wire: those of reports, which are written by themselves, too.</summary>
internal static class EnumerationDescription
{
    /// <summary>Says of an enumeration that it is a string, and which ones there are.</summary>
    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken ct)
    {
        if ((Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type) is not { IsEnum: true } type)
            return Task.CompletedTask;
        // That it may be null is said where it is used, not of the type.
        schema.Enum = schema.Enum is { Count: > 0 } words
            ? [.. words.Where(word => word is JsonValue value && value.GetValueKind() is JsonValueKind.String)]
            : [.. type.GetEnumNames().Select(name => WordOf(type, name))];
        schema.Type = JsonSchemaType.String;
        schema.Format = null;
        return Task.CompletedTask;
    }

    private static JsonValue WordOf(Type type, string name)
        => JsonValue.Create(type.GetField(name)!.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.CamelCase.ConvertName(name));
}
