using Microsoft.OpenApi;

namespace Serve.Api.Documents;

/// <summary>Brings types into the document that no endpoint's signature names, each under its name, with all that they hold.</summary>
internal static class SchemaComponents
{
    // What the framework writes beside a schema that it has not put into a document yet.
    private const string NameMark = "x-schema-id";
    private const string NullableMark = "x-is-nullable-property";
    private const string TextMark = "x-ref-description";

    /// <summary>Adds a schema unless it is there, and refers to it.</summary>
    /// <param name="document">The document.</param>
    /// <param name="name">Name of the type.</param>
    /// <param name="schema">Its schema.</param>
    public static OpenApiSchemaReference Refer(this OpenApiDocument document, string name, OpenApiSchema schema)
    {
        if (document.Components?.Schemas?.ContainsKey(name) is not true)
        {
            document.AddComponent(name, schema);
            ReferToParts(document, schema);
        }
        return new OpenApiSchemaReference(name, document);
    }

    /// <summary>Refers to what is there under a name.</summary>
    public static OpenApiSchemaReference Refer(this OpenApiDocument document, string name) => new(name, document);

    /// <summary>A schema, or null.</summary>
    public static OpenApiSchema OrNull(this IOpenApiSchema schema) => new() { OneOf = [new OpenApiSchema { Type = JsonSchemaType.Null }, schema] };

    private static void ReferToParts(OpenApiDocument document, OpenApiSchema schema)
    {
        foreach (var (name, part) in schema.Properties?.ToList() ?? [])
            schema.Properties![name] = Part(document, part);
        if (schema.Items is { } items)
            schema.Items = Part(document, items);
        if (schema.AdditionalProperties is { } values)
            schema.AdditionalProperties = Part(document, values);
        foreach (var forms in (IList<IOpenApiSchema>?[])[schema.OneOf, schema.AnyOf, schema.AllOf])
        {
            for (var i = 0; i < forms?.Count; i++)
                forms[i] = Part(document, forms[i]);
        }
    }

    private static IOpenApiSchema Part(OpenApiDocument document, IOpenApiSchema part)
    {
        if (part is not OpenApiSchema schema)
            return part;
        if (schema.Metadata is not { } marks || !marks.TryGetValue(NameMark, out var mark) || mark is not string { Length: > 0 } name)
        {
            ReferToParts(document, schema);
            return schema;
        }
        var (text, isNullable) = (marks.TryGetValue(TextMark, out var told) ? told as string : null, marks.TryGetValue(NullableMark, out var nullable) && nullable is true);
        // A list is written out where it is: generators make a class of its own of one that has a name.
        if (schema.Type is { } type && type.HasFlag(JsonSchemaType.Array))
        {
            ReferToParts(document, schema);
            schema.Type = isNullable ? type | JsonSchemaType.Null : type;
            schema.Description = text ?? schema.Description;
            return schema;
        }
        var reference = document.Refer(name, schema);
        reference.Description = text;
        return isNullable ? reference.OrNull() : reference;
    }
}
