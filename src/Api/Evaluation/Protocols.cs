using Serve.Eval;
using Serve.Inference.Evaluation;

namespace Serve.Api.Evaluation;

/// <summary>The protocols this server evaluates under: those of boxes, and for models that give masks those of masks.</summary>
internal static class Protocols
{
    /// <summary>The protocol of requests that name none.</summary>
    public const string Default = "coco-bbox";

    /// <summary>Names of the protocols.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ModelProtocols.All.Select(protocol => protocol.Name)];

    /// <summary>All protocols.</summary>
    public static IReadOnlyList<ProtocolDocument> Documents { get; } = [.. ModelProtocols.All.Select(protocol => new ProtocolDocument(protocol.Name, protocol.Description))];

    /// <summary>A protocol by name; null when there is none.</summary>
    public static Protocol? Find(string name) => ModelProtocols.All.FirstOrDefault(protocol => protocol.Name == name);
}
