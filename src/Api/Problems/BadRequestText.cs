using System.Text.Json;
using System.Text.RegularExpressions;

namespace Serve.Api.Problems;

/// <summary>Says in the user's words what the framework refuses.</summary>
internal static partial class BadRequestText
{
    /// <summary>The cause of a refused request: the JSON path or the parameter, and what was expected there.</summary>
    public static string Of(BadHttpRequestException fault)
    {
        if (fault.InnerException is JsonException json)
            return Of(json);
        if (UnboundParameter().Match(fault.Message) is { Success: true } match)
            return Unbound(match.Groups["name"].Value, match.Groups["value"].Value, match.Groups["type"].Value);
        return fault.Message;
    }

    /// <summary>A parameter whose value is none of its type.</summary>
    public static string Unbound(string name, string value, string type) => $"Parameter \"{name}\": \"{value}\" is not {Article(type)}.";

    /// <summary>The cause of malformed JSON: where, and what was expected there.</summary>
    public static string Of(JsonException fault)
    {
        var where = string.IsNullOrEmpty(fault.Path) ? "$" : fault.Path;
        var position = fault.LineNumber is { } line ? $" (line {line + 1}, byte {fault.BytePositionInLine + 1})" : "";
        var cause = UnconvertedValue().Match(fault.Message) is { Success: true } match
            ? $"the value is not {Article(match.Groups["type"].Value)}."
            : PathSuffix().Replace(fault.Message, "");
        return $"The JSON body is wrong at {where}{position}: {cause}";
    }

    private static string Article(string type) => NullableOf().Replace(type, "$1").TrimEnd('?') switch
    {
        "int" or "long" or "System.Int32" or "System.Int64" => "a whole number",
        "double" or "float" or "System.Double" or "System.Single" => "a number",
        "bool" or "System.Boolean" => "true or false",
        "string" or "System.String" => "a string",
        var list when list.Contains("List", StringComparison.Ordinal) || list.EndsWith("[]", StringComparison.Ordinal) => "an array",
        _ => "an object",
    };

    [GeneratedRegex("""^Failed to bind parameter "(?<type>.+) (?<name>\w+)" from "(?<value>.*)"\.$""", RegexOptions.Singleline)]
    private static partial Regex UnboundParameter();

    [GeneratedRegex("^Nullable<(.+)>$")]
    private static partial Regex NullableOf();

    [GeneratedRegex("^The JSON value could not be converted to (?:System.Nullable`1\\[)?(?<type>[^ ]+?)\\]?\\. Path:")]
    private static partial Regex UnconvertedValue();

    [GeneratedRegex(@"\s*(?:Path: |LineNumber: ).*$", RegexOptions.Singleline)]
    private static partial Regex PathSuffix();
}
