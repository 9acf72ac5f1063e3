using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Puts the detections of a results file together.</summary>
/// <param name="source">Name of the document in messages.</param>
/// <param name="parts">What is kept of detections beyond their boxes.</param>
/// <param name="faults">Takes the faults of detections, which are then left out; null where reading stops at the first. Only for documents that are read from front to back.</param>
internal sealed class CocoResultsAssembly(string source, AnnotationParts parts, DetectionFaults? faults = null) : DocumentAssembly<CocoResultsParser>(source, "detections")
{
    private ResultsShape shape;

    /// <summary>The detections so far.</summary>
    public DetectionTable Detections { get; } = new()
    {
        Keypoints = parts.HasFlag(AnnotationParts.Keypoints) ? new() : null,
        Segmentations = parts.HasFlag(AnnotationParts.Segmentations) ? new() : null,
    };

    /// <inheritdoc/>
    public override bool IsReady => shape is not ResultsShape.Unknown;

    /// <inheritdoc/>
    public override CocoResultsParser NewParser() => new(parts, (int)Math.Min(Length, DocumentReading.PartLength), faults);

    /// <inheritdoc/>
    public override void Prepare(CocoResultsParser parser) => parser.Shape = shape;

    /// <inheritdoc/>
    protected override void Add(CocoResultsParser part)
    {
        shape = part.Shape;
        faults?.EndPart(part.Counts[0]);
        var needed = Detections.Count + part.Detections.Count;
        // As many as the file holds if it goes on as it began, and a few more: room that is never used costs no memory, but growing copies all.
        if (needed > Detections.Capacity && Length > 0 && part.State.Offset is var read and > 0)
            Detections.Reserve((int)Math.Clamp(1.25 * needed * Length / read, needed, Array.MaxLength));
        Detections.Append(part.Detections);
    }
}
