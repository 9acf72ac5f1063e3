using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Models;

namespace Serve.Inference.Evaluation;

/// <summary>The protocols under which models are evaluated: those of boxes, and those of masks where the model gives masks.</summary>
public static class ModelProtocols
{
    /// <summary>All of them. Keypoints are evaluated of results in files only.</summary>
    public static IReadOnlyList<Protocol> All { get; } = [.. ProtocolCatalogue.All.Where(protocol => protocol.Parts is AnnotationParts.Boxes or AnnotationParts.Segmentations)];

    private static string OfBoxes { get; } = Names(All.Where(protocol => protocol.Parts is AnnotationParts.Boxes));

    /// <summary>What speaks against evaluating any model under a protocol; null when nothing does.</summary>
    public static string? FaultOf(Protocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        return protocol.Parts.HasFlag(AnnotationParts.Keypoints)
            ? $"{protocol.Name} compares keypoints, which are evaluated of results in files only; allowed for models are {Names(All)}."
            : null;
    }

    /// <summary>What speaks against evaluating a model under a protocol; null when nothing does.</summary>
    /// <remarks>
    /// The reference takes the box of a detection without a mask for its mask; for results in a file that is so here too. A model that gives boxes only would get numbers that
    /// say nothing of it.
    /// </remarks>
    public static string? FaultOf(Protocol protocol, Passport model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return FaultOf(protocol) ?? (protocol.Parts is AnnotationParts.Segmentations && !model.GivesMasks
            ? $"{protocol.Name} compares masks; the model '{model.Name}' gives boxes only, so that allowed for it are {OfBoxes}."
            : null);
    }

    private static string Names(IEnumerable<Protocol> protocols) => string.Join(", ", protocols.Select(protocol => protocol.Name));
}
