using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Serve.Eval;
using Serve.Eval.Json;

namespace Serve.Training.Recipes;

/// <summary>
/// Recipes as JSON: camelCase names, enums as words, ranges as arrays, nothing unknown and nothing missing. <c>type</c> says which kind of detector it is; recipes of
/// before there were several are read as FCOS.
/// </summary>
public static class RecipeJson
{
    /// <summary>How recipes are written and read.</summary>
    public static JsonSerializerOptions Options { get; } = CreateOptions();

    /// <summary>The recipe as indented JSON.</summary>
    public static string Write(Recipe recipe) => JsonSerializer.Serialize(recipe, Options);

    /// <summary>The recipe as a tree.</summary>
    public static JsonObject ToNode(Recipe recipe) => JsonSerializer.SerializeToNode(recipe, Options)!.AsObject();

    /// <summary>Reads a recipe.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">Where it comes from, for the message.</param>
    /// <exception cref="InvalidInputException">The text is not a recipe; the message names the source, the place and the fault.</exception>
    public static Recipe Read(string json, string source)
    {
        try
        {
            return JsonSerializer.Deserialize<Recipe>(EarlierRecipe.Upgrade(json), Options) ?? throw new JsonException("The recipe is null.");
        }
        catch (JsonException fault)
        {
            throw new InvalidInputException($"{source}: not a recipe: {SyntaxReason.Shortened(fault.Message)}", fault);
        }
    }

    /// <summary>Every option in which two recipes differ: <c>optimizer.learningRate: 0.0005 and 0.001</c>.</summary>
    public static IReadOnlyList<string> Differences(Recipe first, Recipe second)
    {
        var differences = new List<string>();
        Compare(ToNode(first), ToNode(second), "", differences);
        return differences;
    }

    private static void Compare(JsonNode? first, JsonNode? second, string path, List<string> differences)
    {
        if (JsonNode.DeepEquals(first, second))
            return;
        if (first is JsonObject left && second is JsonObject right)
        {
            foreach (var name in left.Select(p => p.Key).Union(right.Select(p => p.Key)))
                Compare(left[name], right[name], path.Length == 0 ? name : $"{path}.{name}", differences);
        }
        else
            differences.Add($"{path}: {Show(first)} and {Show(second)}");
    }

    private static string Show(JsonNode? node) => node?.ToJsonString() ?? "null";

    private static JsonSerializerOptions CreateOptions()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            WriteIndented = true,
            NumberHandling = JsonNumberHandling.Strict,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            RespectNullableAnnotations = true,
            AllowOutOfOrderMetadataProperties = true,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false), new PairConverter(), new QuadrupleConverter() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private static double[] ReadNumbers(ref Utf8JsonReader reader, JsonSerializerOptions options, int count)
    {
        var numbers = JsonSerializer.Deserialize<double[]>(ref reader, options);
        return numbers?.Length == count ? numbers : throw new JsonException($"Expected an array of {count} numbers.");
    }

    private static void WriteNumbers(Utf8JsonWriter writer, params ReadOnlySpan<double> numbers)
    {
        writer.WriteStartArray();
        foreach (var number in numbers)
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }

    private sealed class PairConverter : JsonConverter<(double, double)>
    {
        public override (double, double) Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => ReadNumbers(ref reader, options, 2) is [var first, var second] ? (first, second) : default;

        public override void Write(Utf8JsonWriter writer, (double, double) value, JsonSerializerOptions options) => WriteNumbers(writer, value.Item1, value.Item2);
    }

    private sealed class QuadrupleConverter : JsonConverter<(double, double, double, double)>
    {
        public override (double, double, double, double) Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
            => ReadNumbers(ref reader, options, 4) is [var first, var second, var third, var fourth] ? (first, second, third, fourth) : default;

        public override void Write(Utf8JsonWriter writer, (double, double, double, double) value, JsonSerializerOptions options)
            => WriteNumbers(writer, value.Item1, value.Item2, value.Item3, value.Item4);
    }
}
