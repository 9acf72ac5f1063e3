using Serve.Eval;
using Serve.Eval.Datasets;

namespace Serve.Api.Evaluation;

/// <summary>The protocols this server evaluates under: those that need boxes only, which is what its models and submissions have.</summary>
internal static class Protocols
{
    /// <summary>The protocol of requests that name none.</summary>
    public const string Default = "coco-bbox";

    private static readonly Protocol[] Known = [.. ProtocolCatalogue.All.Where(protocol => protocol.Parts is AnnotationParts.Boxes)];

    /// <summary>Names of the protocols.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(protocol => protocol.Name)];

    /// <summary>All protocols.</summary>
    public static IReadOnlyList<ProtocolDocument> Documents { get; } = [.. Known.Select(protocol => new ProtocolDocument(protocol.Name, protocol.Description))];

    /// <summary>A protocol by name; null when there is none.</summary>
    public static Protocol? Find(string name) => Known.FirstOrDefault(protocol => protocol.Name == name);
}
