using System.Text.Json;
using System.Text.Json.Nodes;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Decoding;
using Serve.Inference.Families;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>
/// Finds out how a graph is fed and read: from its passport, or by recognising its family, with what a passport says of it laid over as a JSON Merge Patch.
/// </summary>
internal static class ModelResolver
{
    /// <summary>The family's name of a model that a passport describes without naming one.</summary>
    private const string Described = "described";

    /// <summary>Resolves a graph.</summary>
    /// <param name="graphPath">The ONNX file; <c>model.json</c> and lists of labels are looked for beside it.</param>
    /// <param name="graph">What the file tells.</param>
    /// <param name="probe">Runs the graph where that leaves something open.</param>
    /// <param name="name">Name of the model where no passport gives one.</param>
    /// <param name="version">Version of the model where no passport gives one.</param>
    /// <exception cref="InvalidInputException">A faulty passport, or a graph that is not recognised; the message says what came nearest and what to do.</exception>
    public static ResolvedModel Resolve(string graphPath, GraphDescription graph, IGraphProbe probe, string name, int version)
        => OneAtATime(Found(graphPath, graph, probe, name, version), graph);

    private static ResolvedModel Found(string graphPath, GraphDescription graph, IGraphProbe probe, string name, int version)
    {
        var explanation = new List<string>();
        var beside = PassportSource.Beside(graphPath, explanation);
        var inside = PassportSource.InMetadata(graphPath, graph);

        // What lies beside the file is the later word.
        if (beside is { IsWhole: true })
            return Whole(beside, null, explanation);
        if (inside is { IsWhole: true })
            return Whole(inside, beside, explanation);
        var patch = beside ?? inside;
        return patch is { DescribesDecoding: true }
            ? FromDescription(patch, graphPath, graph, name, version, explanation)
            : FromFamily(patch, graphPath, graph, probe, name, version, explanation);
    }

    /// <summary>A batch whose outputs do not tell the pictures apart must not be made, whether or not a passport says so.</summary>
    private static ResolvedModel OneAtATime(ResolvedModel model, GraphDescription graph)
    {
        var (passport, input) = (model.Passport, model.Passport.Input);
        if (passport.Decoding is null || PictureRows.AreTold(passport.Decoding) || input.MaxBatch == 1 || graph.Inputs.FirstOrDefault(tensor => tensor.Name == input.Name)?.Side(0) is not null)
            return model;
        return model with
        {
            Passport = passport with { Input = input with { MaxBatch = 1 } },
            Explanation = [.. model.Explanation, "pictures run one at a time: nothing in the outputs tells which picture of a batch a row belongs to"],
        };
    }

    private static ResolvedModel Whole(PassportSource source, PassportSource? patch, List<string> explanation)
    {
        var passport = patch is null ? source.Over(null) : patch.Over(source.Fields);
        explanation.Add($"the passport in {Where(source)} says everything; nothing was guessed");
        Overridden(patch, explanation);
        return new ResolvedModel(passport, passport.Family, explanation);
    }

    private static ResolvedModel FromFamily(
        PassportSource? patch, string graphPath, GraphDescription graph, IGraphProbe probe, string name, int version, List<string> explanation)
    {
        var (family, recognition) = ModelFamilies.Recognise(graph, probe, graphPath, patch?.Family);
        explanation.Add($"recognised as {family.Name}: {family.Title}");
        explanation.AddRange(recognition.Reasons);
        var categories = Listed(patch, recognition.Categories, explanation) ?? CategoryNames.Of(
            graphPath, graph, recognition.Categories, recognition.Names, fromOne: recognition.Categories is null && recognition.Decoding.LabelsAreIds, explanation);
        var passport = new Passport
        {
            Name = name,
            Version = version,
            Family = family.Name,
            Input = recognition.Input,
            Decoding = recognition.Decoding,
            Categories = categories,
            ScoreThreshold = recognition.ScoreThreshold,
        };
        if (patch is null)
            PassportRules.Require(PassportRules.Faults(passport), graphPath);
        else
            passport = patch.Over(JsonSerializer.SerializeToNode(passport, PassportJson.Options));
        Overridden(patch, explanation);
        return new ResolvedModel(passport, family.Name, explanation);
    }

    /// <summary>The passport says how to decode; what it leaves out is what the graph tells.</summary>
    private static ResolvedModel FromDescription(
        PassportSource patch, string graphPath, GraphDescription graph, string name, int version, List<string> explanation)
    {
        explanation.Add($"the passport in {Where(patch)} describes input and decoding; no family was looked for");
        var record = new JsonObject { ["schema"] = Passport.CurrentSchema, ["name"] = name, ["version"] = version, ["family"] = Described };
        if (PictureTensor.Of(graph) is { } picture)
        {
            var input = new JsonObject { ["name"] = picture.Name, ["layout"] = Wire(picture.Layout), ["type"] = Wire(picture.Type), ["colourManaged"] = false };
            if (picture is { Width: { } width, Height: { } height })
                (input["width"], input["height"]) = (width, height);
            record["input"] = input;
            explanation.Add($"the picture goes into '{picture.Name}'");
        }

        if (patch.Fields["categories"] is null)
            record["categories"] = JsonSerializer.SerializeToNode(CategoryNames.Of(graphPath, graph, Channels(patch, graph), null, fromOne: false, explanation), PassportJson.Options);
        var passport = patch.Over(record);
        return new ResolvedModel(passport, passport.Family, explanation);
    }

    /// <summary>The number of categories that a described decoding has, where the graph tells it.</summary>
    private static int? Channels(PassportSource patch, GraphDescription graph)
    {
        DecodingSpec? decoding;
        try
        {
            decoding = patch.Fields["decoding"].Deserialize<DecodingSpec>(PassportJson.Options);
        }
        catch (JsonException)
        {
            // Told with all other faults when the passport is read.
            return null;
        }

        if (decoding is not { Labels: null, Scores: { Outputs: [var first, ..] } part })
            return null;
        var channels = part.Channels;
        var axis = part.Axes.IndexOf('c', StringComparison.Ordinal);
        if (channels == 0 && axis >= 0 && graph.Outputs.FirstOrDefault(output => output.Name == first)?.Side(axis) is { } side)
            channels = side - part.From;
        var categories = channels - (decoding.Background is null ? 0 : 1);
        return categories > 0 ? categories : null;
    }

    private static IReadOnlyList<Category>? Listed(PassportSource? patch, int? count, List<string> explanation)
    {
        if (patch?.Fields["categories"] is not JsonArray listed)
            return null;
        if (count is { } expected && listed.Count != expected)
            throw new InvalidInputException($"{patch.Source}: categories: {listed.Count} are listed, but the graph has {expected}.");
        explanation.Add($"names of the {listed.Count} categories are the passport's");

        // Placeholders: the patch replaces the whole list, and is checked then.
        return [new Category(0, "replaced")];
    }

    private static void Overridden(PassportSource? patch, List<string> explanation)
    {
        if (patch is not null)
            explanation.Add($"the passport in {Where(patch)} sets {string.Join(", ", MergePatch.Paths(patch.Fields).Where(path => path != "schema"))}");
    }

    private static string Where(PassportSource source) => source.Source.EndsWith(Passport.FileName, StringComparison.Ordinal) ? Passport.FileName : "the metadata";

    private static string Wire<T>(T value) where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
