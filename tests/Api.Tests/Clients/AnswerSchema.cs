using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serve.Api.Tests.Clients;

/// <summary>Holds JSON to the schemas of an OpenAPI document: types, required members, words of enumerations, and no member that the schema does not tell.</summary>
/// <param name="document">The document.</param>
internal sealed class AnswerSchema(JsonNode document)
{
    /// <summary>What does not fit, each with its place; empty where all does.</summary>
    public List<string> Faults(JsonNode? value, JsonNode schema)
    {
        List<string> faults = [];
        Check(value, schema, "$", faults);
        return faults;
    }

    private void Check(JsonNode? value, JsonNode schema, string place, List<string> faults)
    {
        if ((string?)schema["$ref"] is { } reference)
        {
            Check(value, document["components"]!["schemas"]![reference.Split('/')[^1]]!, place, faults);
            return;
        }
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray forms)
        {
            var found = forms.Select(form => Faults(value, form!)).ToList();
            if (found.All(list => list.Count > 0))
                faults.Add($"{place} has none of the {found.Count} forms: {string.Join("; ", found.Select(list => list[0]))}");
            return;
        }
        if (schema["type"] is { } types && !(types is JsonArray several ? several.Select(type => (string)type!) : [(string)types!]).Any(type => IsOf(value, type)))
        {
            faults.Add($"{place} is {value?.ToJsonString() ?? "null"}, not {types.ToJsonString()}");
            return;
        }
        if (schema["enum"] is JsonArray words && !words.Any(word => JsonNode.DeepEquals(word, value)))
            faults.Add($"{place} is {value?.ToJsonString()}, none of {words.ToJsonString()}");
        switch (value)
        {
            case JsonArray items when schema["items"] is { } item:
                for (var i = 0; i < items.Count; i++)
                    Check(items[i], item, $"{place}[{i}]", faults);
                break;
            case JsonObject members:
                CheckMembers(members, schema, place, faults);
                break;
        }
    }

    private void CheckMembers(JsonObject members, JsonNode schema, string place, List<string> faults)
    {
        faults.AddRange((schema["required"]?.AsArray() ?? []).Where(name => !members.ContainsKey((string)name!)).Select(name => $"{place}.{name} is missing"));
        foreach (var (name, value) in members)
        {
            if (schema["properties"]?[name] is { } known)
                Check(value, known, $"{place}.{name}", faults);
            else if (schema["additionalProperties"] is JsonObject other)
                Check(value, other, $"{place}.{name}", faults);
            else if (schema["properties"] is not null)
                faults.Add($"{place}.{name} is not told of");
        }
    }

    private static bool IsOf(JsonNode? value, string type) => (value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        JsonValueKind.Null => type == "null",
        JsonValueKind.True or JsonValueKind.False => type == "boolean",
        JsonValueKind.String => type == "string",
        JsonValueKind.Array => type == "array",
        JsonValueKind.Object => type == "object",
        _ => type == "number" || (type == "integer" && double.IsInteger(value!.GetValue<double>())),
    };
}
