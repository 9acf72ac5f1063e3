using System.Text.Json.Nodes;

namespace Serve.Inference.Models;

/// <summary>JSON Merge Patch (RFC 7396): fields of the patch replace those of the target, null takes them away, objects merge field by field.</summary>
internal static class MergePatch
{
    /// <summary>Applies a patch.</summary>
    /// <param name="target">What is patched; not changed.</param>
    /// <param name="patch">The patch; not changed.</param>
    /// <returns>A new document.</returns>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject fields)
            return patch?.DeepClone();
        var merged = target is JsonObject known ? known.DeepClone().AsObject() : [];
        foreach (var (name, value) in fields)
        {
            if (value is null)
                merged.Remove(name);
            else
                merged[name] = Apply(merged[name], value);
        }

        return merged;
    }

    /// <summary>Paths of the fields that a patch sets, in its order: <c>input.width</c>, <c>categories</c>.</summary>
    public static IEnumerable<string> Paths(JsonObject patch)
        => patch.SelectMany(field => field.Value is JsonObject { Count: > 0 } inner ? Paths(inner).Select(path => $"{field.Key}.{path}") : [field.Key]);
}
