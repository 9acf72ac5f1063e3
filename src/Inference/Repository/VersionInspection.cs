using System.Globalization;
using Serve.Eval;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Repository;

/// <summary>What can be told of a version without loading it.</summary>
/// <param name="Passport">Its passport where it is whole; null for a foreign model.</param>
/// <param name="Explanation">What is known of its graph, a sentence each.</param>
/// <param name="Fault">Why it cannot be served; null when nothing is known against it.</param>
internal sealed record VersionInspection(Passport? Passport, IReadOnlyList<string> Explanation, string? Fault)
{
    /// <summary>Scans the graph, reads the passport, if there is one, and looks whether it belongs where it lies.</summary>
    public static VersionInspection Of(FoundVersion found)
    {
        if (found.Fault is not null)
            return Faulty(found.Fault);
        try
        {
            var graph = OnnxFile.Describe(found.Graph);
            var (passport, source) = PassportOf(found, graph);
            if (passport is null)
                return new(null, [Unrecognised(graph)], null);
            return passport.Name == found.Name && passport.Version == found.Version
                ? new(passport, [], null)
                : Faulty($"{source}: the passport is of '{passport.Name}' version {passport.Version}, but lies in {found.Name}/{found.Version}.");
        }
        catch (InvalidInputException e)
        {
            return Faulty(e.Message);
        }
    }

    /// <summary>The passport beside the graph, else the one inside it. What is no whole passport is for the load to judge: it may override what is recognised.</summary>
    private static (Passport? Passport, string Source) PassportOf(FoundVersion found, GraphDescription graph)
    {
        var path = Path.Combine(found.Folder, Passport.FileName);
        try
        {
            if (found.Layout != VersionLayout.SingleFile && File.Exists(path))
                return (Passport.Read(path), path);
            return graph.Metadata.TryGetValue(Passport.MetadataKey, out var json) ? (Passport.FromJson(json, found.Graph), found.Graph) : (null, "");
        }
        catch (InvalidInputException)
        {
            return (null, "");
        }
    }

    private static string Unrecognised(GraphDescription graph)
    {
        static string List(IEnumerable<GraphTensor> tensors) => string.Join(", ", tensors.Select(tensor => $"{tensor.Name} {tensor.ShapeText}"));
        var producer = graph.Producer.Length > 0 ? $" of {graph.Producer}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"A graph{producer} with inputs {List(graph.Inputs)} and outputs {List(graph.Outputs)}. Its family is recognised when it is loaded.");
    }

    private static VersionInspection Faulty(string fault) => new(null, [], fault);
}
