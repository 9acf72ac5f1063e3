using Serve.Eval.Json;

namespace Serve.Eval.Datasets;

/// <summary>Puts the detections of a results file together.</summary>
/// <param name="source">Name of the document in messages.</param>
/// <param name="parts">What is kept of detections beyond their boxes.</param>
internal sealed class CocoResultsAssembly(string source, AnnotationParts parts) : DocumentAssembly<CocoResultsParser>(source, "detections")
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
    public override CocoResultsParser NewParser() => new(parts);

    /// <inheritdoc/>
    public override void Prepare(CocoResultsParser parser) => parser.Shape = shape;

    /// <inheritdoc/>
    protected override void Add(CocoResultsParser part)
    {
        shape = part.Shape;
        Detections.Append(part.Detections);
        // As many as the rest of the file holds, if they go on as they began. What is never used costs no memory.
        if (Length > 0 && Detections.Capacity < Detections.Count * 2 && part.State.Offset is var read and > 0)
            Detections.Reserve((int)Math.Min(Detections.Count * 1.05 * Length / read, Array.MaxLength));
    }
}
