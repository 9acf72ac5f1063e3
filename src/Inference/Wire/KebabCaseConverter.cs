using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serve.Inference.Wire;

/// <summary>Writes the members of an enumeration in kebab case and refuses numbers.</summary>
internal sealed class KebabCaseConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum
{
    /// <summary>What can be written, as messages list it.</summary>
    public static string Choices { get; } = string.Join(", ", Enum.GetNames<T>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName));
}
