using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serve.Inference.Models;

/// <summary>The passport's JSON: camelCase names, indented for people.</summary>
internal static class PassportJson
{
    /// <summary>
    /// Found by reflection and not by a source generator: generated readers set every <c>init</c> property, and so lose the defaults of fields that a
    /// file leaves out.
    /// </summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
    };
}
