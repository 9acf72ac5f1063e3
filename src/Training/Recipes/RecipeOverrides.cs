using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Serve.Eval;

namespace Serve.Training.Recipes;

/// <summary>Changes options of a recipe by name, as <c>--set path.to.option=value</c> on the command line.</summary>
public static class RecipeOverrides
{
    /// <summary>Applies changes in order and checks the result.</summary>
    /// <param name="recipe">The recipe to start from.</param>
    /// <param name="settings">
    /// <c>path.to.option=value</c>; names as in <c>recipe.json</c>, upper and lower case alike. Ranges and lists are given as <c>0.5,2</c> or <c>[0.5,2]</c>,
    /// the absence of a value as <c>null</c>.
    /// </param>
    /// <exception cref="InvalidInputException">An option does not exist or its value has the wrong type (the message names the option, the value and what is allowed), or the result is no valid recipe.</exception>
    public static Recipe Apply(Recipe recipe, IEnumerable<string> settings)
    {
        var root = RecipeJson.ToNode(recipe);
        foreach (var setting in settings)
            Set(root, typeof(Recipe), setting);

        var changed = RecipeJson.Read(root.ToJsonString(), "the changed recipe");
        changed.Validate();
        return changed;
    }

    /// <summary>Changes an option in the tree of a record.</summary>
    /// <param name="root">The tree.</param>
    /// <param name="record">Type of the record.</param>
    /// <param name="setting"><c>path.to.option=value</c>.</param>
    internal static void Set(JsonObject root, Type record, string setting)
    {
        var separator = setting.IndexOf('=', StringComparison.Ordinal);
        if (separator <= 0)
            throw new InvalidInputException($"--set {setting}: expected path.to.option=value, for example epochs=3.");

        var names = setting[..separator].Split('.');
        var text = setting[(separator + 1)..];
        var (node, type) = (root, record);
        for (var depth = 0; ; depth++)
        {
            var property = Find(type, names, depth, setting);
            if (depth == names.Length - 1)
            {
                node[property.Name] = Parse(property.PropertyType, text, setting);
                return;
            }

            // An option of a part that is left out brings the part in, with its other options as they are by default.
            node[property.Name] ??= Default(property.PropertyType);
            node = node[property.Name] as JsonObject ?? throw NoPart(property.PropertyType, string.Join('.', names[..(depth + 1)]), names[depth + 1], setting);
            type = KindOf(property.PropertyType, node);
        }
    }

    // Properties that are not part of the file are listed too, but cannot be set.
    private static IReadOnlyList<JsonPropertyInfo> OptionsOf(Type type) => [.. RecipeJson.Options.GetTypeInfo(type).Properties.Where(property => property.Set is not null)];

    // Where there are several kinds of a part, such as detectors, its options are those of the kind that stands there.
    private static Type KindOf(Type type, JsonObject node)
        => RecipeJson.Options.GetTypeInfo(type).PolymorphismOptions is { } kinds
            ? kinds.DerivedTypes.Single(kind => (string?)kind.TypeDiscriminator == (string?)node[kinds.TypeDiscriminatorPropertyName]).DerivedType
            : type;

    private static InvalidInputException NoPart(Type type, string path, string option, string setting)
        => new(RecipeJson.Options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Object
            ? $"--set {setting}: {path} is left out and has no defaults to start from; give it whole, as {path}={{...}}, with {string.Join(", ", OptionsOf(type).Select(p => p.Name))}."
            : $"--set {setting}: {path} is a single value and has no option {option}.");

    // Null for what is no object, and for one that has no defaults.
    private static JsonNode? Default(Type type)
    {
        if (RecipeJson.Options.GetTypeInfo(type).Kind != JsonTypeInfoKind.Object)
            return null;
        try
        {
            return JsonSerializer.SerializeToNode(JsonSerializer.Deserialize("{}", type, RecipeJson.Options), type, RecipeJson.Options);
        }
        catch (Exception fault) when (fault is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    private static JsonPropertyInfo Find(Type type, string[] names, int depth, string setting)
    {
        var properties = OptionsOf(type);
        return properties.FirstOrDefault(p => string.Equals(p.Name, names[depth], StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidInputException(
                $"--set {setting}: {(depth == 0 ? "a recipe" : string.Join('.', names[..depth]))} has no option {names[depth]}; it has {string.Join(", ", properties.Select(p => p.Name))}.");
    }

    private static JsonNode? Parse(Type type, string text, string setting)
    {
        var word = Nullable.GetUnderlyingType(type) ?? type;
        string[] spellings = word == typeof(string) || word.IsEnum ? [JsonValue.Create(text).ToJsonString(), text] : [text, $"[{text}]"];
        foreach (var spelling in spellings)
        {
            try
            {
                JsonSerializer.Deserialize(spelling, type, RecipeJson.Options);
                return JsonNode.Parse(spelling);
            }
            catch (Exception fault) when (fault is JsonException or NotSupportedException)
            {
                // Not this spelling; when none fits, the message below tells what does.
            }
        }

        throw new InvalidInputException($"--set {setting}: \"{text}\" is not allowed here; expected {Describe(word)}{(word == type ? "" : " or null")}.");
    }

    private static string Describe(Type type)
    {
        if (type == typeof(bool))
            return "true or false";
        if (type == typeof(int) || type == typeof(long))
            return "a whole number";
        if (type == typeof(double) || type == typeof(float))
            return "a number";
        if (type == typeof((double, double)))
            return "two numbers, such as 0.5,2";
        if (type == typeof((double, double, double, double)))
            return "four numbers, such as 0.2,0.2,0.2,0.02";
        if (type.IsEnum)
            return string.Join(" or ", Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName));
        return RecipeJson.Options.GetTypeInfo(type).Kind switch
        {
            JsonTypeInfoKind.Enumerable => "a list, such as 0.5,0.75",
            JsonTypeInfoKind.Object => $"an object with {string.Join(", ", OptionsOf(type).Select(p => p.Name))}; set these one by one",
            _ => "text",
        };
    }
}
