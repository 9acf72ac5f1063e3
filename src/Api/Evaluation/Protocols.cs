using Serve.Eval.Coco;

namespace Serve.Api.Evaluation;

/// <summary>The protocols this server evaluates under, by name.</summary>
internal static class Protocols
{
    /// <summary>The protocol of requests that name none.</summary>
    public const string Default = "coco-bbox";

    private static readonly Dictionary<string, (CocoProtocol Protocol, string Description)> ByName = new(StringComparer.Ordinal)
    {
        [CocoProtocol.BoundingBox.Name] = (CocoProtocol.BoundingBox,
            "COCO boxes: average precision and recall over ten IoU thresholds, three sizes and up to 100 detections an image."),
    };

    /// <summary>Names of the protocols.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. ByName.Keys];

    /// <summary>All protocols.</summary>
    public static IReadOnlyList<ProtocolDocument> Documents { get; } = [.. ByName.Select(entry => new ProtocolDocument(entry.Key, entry.Value.Description))];

    /// <summary>A protocol by name; null when there is none.</summary>
    public static CocoProtocol? Find(string name) => ByName.TryGetValue(name, out var entry) ? entry.Protocol : null;
}
