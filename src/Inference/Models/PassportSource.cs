using System.Text.Json;
using System.Text.Json.Nodes;
using Serve.Eval;
using Serve.Eval.Json;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>A passport, or a part of one, as somebody wrote it.</summary>
/// <param name="Fields">Its fields.</param>
/// <param name="Source">Where it was found, for messages.</param>
internal sealed record PassportSource(JsonObject Fields, string Source)
{
    private const string SchemaField = "schema";

    /// <summary>True when it says everything, so that nothing is asked of the graph.</summary>
    public bool IsWhole => Has("name", "version", "categories") && Find("input", "width") is not null && Find("input", "height") is not null
        && (DescribesDecoding ? Find("input", "name") is not null : Find("decoding") is null && Family == "end-to-end");

    /// <summary>The family that it names; null when it names none.</summary>
    public string? Family => Fields["family"] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    /// <summary>True when it describes the decoding by itself: boxes and scores at least.</summary>
    public bool DescribesDecoding => Find("decoding", "boxes") is not null && Find("decoding", "scores") is not null;

    /// <summary>Reads <c>model.json</c> beside the graph.</summary>
    /// <param name="graphPath">The ONNX file.</param>
    /// <param name="explanation">Told of a <c>model.json</c> that is no passport.</param>
    /// <returns>Null when there is none, or one of another program.</returns>
    /// <exception cref="InvalidInputException">It cannot be read as JSON.</exception>
    public static PassportSource? Beside(string graphPath, List<string> explanation)
    {
        var path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(graphPath))!, Passport.FileName);
        if (!File.Exists(path))
            return null;
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: the passport cannot be read ({e.GetType().Name}).", e);
        }

        if (Parse(text, path) is { } fields && fields.ContainsKey(SchemaField))
            return new PassportSource(fields, path);
        explanation.Add($"{Passport.FileName} beside the graph has no \"{SchemaField}\": it is another program's record and was set aside");
        return null;
    }

    /// <summary>Reads the passport in a graph's metadata.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="InvalidInputException">It cannot be read as JSON.</exception>
    public static PassportSource? InMetadata(string graphPath, GraphDescription graph)
    {
        if (!graph.Metadata.TryGetValue(Passport.MetadataKey, out var text))
            return null;
        var source = $"{graphPath} (metadata {Passport.MetadataKey})";
        return Parse(text, source) is { } fields
            ? new PassportSource(fields, source)
            : throw new InvalidInputException($"{source}: the document: expected an object, got {(text.Length > 40 ? text[..40] + "..." : text)}");
    }

    /// <summary>This as a patch of a record.</summary>
    /// <exception cref="InvalidInputException">The result has faults; the message names the source and every fault.</exception>
    public Passport Over(JsonNode? record) => Passport.FromJson(MergePatch.Apply(record, Fields)!.ToJsonString(), Source);

    private bool Has(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Fields[name] is null)
                return false;
        }

        return true;
    }

    private JsonNode? Find(params ReadOnlySpan<string> path)
    {
        JsonNode? node = Fields;
        foreach (var name in path)
            node = (node as JsonObject)?[name];
        return node;
    }

    private static JsonObject? Parse(string text, string source)
    {
        try
        {
            UnicodeTexts.Require(text, source);
            // Otherwise a name that is there twice is told only when any name is looked for, and not as a fault of the document.
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject;
        }
        catch (JsonException e)
        {
            throw new InvalidInputException($"{source}: the passport cannot be read as JSON. {SyntaxReason.Shortened(e.Message)}", e);
        }
    }
}
