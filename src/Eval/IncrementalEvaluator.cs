using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval;

/// <summary>
/// Evaluates images as they come: a training loop adds each batch, a sharded job each shard, and the result is the same, to the last bit, as that of
/// <see cref="Evaluator"/> on all of them at once, in whatever order they came.
/// </summary>
/// <remarks>Not safe for several threads; each thread or process may have one of its own (<see cref="Add(MatchTable)"/>, <see cref="MatchTableFile"/>).</remarks>
public sealed class IncrementalEvaluator
{
    private readonly Protocol protocol;
    private readonly IReadOnlyList<Category> categories;
    private readonly HashSet<long> imageIds = [];
    private readonly List<MatchTable> parts = [];
    private readonly HashSet<long> annotationIds = [];
    private readonly Warnings warnings = new();

    // All parts together; null where a part was added since. The parts stay as they came: merged tables of merged tables would each keep all before them.
    private MatchTable? merged;

    /// <summary>Begins an evaluation.</summary>
    /// <param name="protocol">Protocol and parameters.</param>
    /// <param name="categories">Categories of the whole dataset.</param>
    /// <exception cref="InvalidInputException">A parameter is out of range.</exception>
    public IncrementalEvaluator(Protocol protocol, IReadOnlyList<Category> categories)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(categories);
        protocol.Validate();
        (this.protocol, this.categories) = (protocol, categories);
    }

    /// <summary>Number of images added so far.</summary>
    public int Images => imageIds.Count;

    /// <summary>Adds images with all their ground truth and detections.</summary>
    /// <param name="part">Images and ground truth; its categories are not looked at.</param>
    /// <param name="detections">Detections on these images.</param>
    /// <param name="ct">Cancels between images; what was added before stays.</param>
    /// <exception cref="InvalidInputException">An image was added before, or what <see cref="Evaluator"/> refuses.</exception>
    public void Add(Dataset part, DetectionTable detections, CancellationToken ct = default)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(detections);
        var found = new Warnings { AnnotationIds = [] };
        var dataset = new Dataset(part.Images, categories, part.GroundTruths, part.ContentHash) { Segmentations = part.Segmentations, Keypoints = part.Keypoints };
        Add(Matching.Match(protocol.Prepare(dataset, detections, found, threads: -1, ct), ct: ct));
        warnings.Add(found);
        DatasetWarnings.AddRepeatedInParts(found.AnnotationIds.Count(id => !annotationIds.Add(id)), protocol.StrictReference, warnings);
    }

    /// <summary>Adds images that were matched elsewhere under the same protocol. What was told of them there is not told again.</summary>
    /// <exception cref="InvalidInputException">An image was added before, or they were matched for other categories, overlap thresholds or area ranges.</exception>
    public void Add(MatchTable part)
    {
        ArgumentNullException.ThrowIfNull(part);
        MatchAgreement.Require(MatchAgreement.NameOf(parts.Count + 1, part.Input), part.Input, protocol, categories);
        foreach (var id in part.Input.ImageIds)
        {
            if (imageIds.Contains(id))
                throw new InvalidInputException($"Image {id} was added before; each image is added once, with all its ground truth and detections.");
        }
        imageIds.UnionWith(part.Input.ImageIds);
        parts.Add(part);
        merged = null;
    }

    /// <summary>What was matched so far; null before anything was added.</summary>
    public MatchTable? Matches() => merged ??= parts.Count switch
    {
        0 => null,
        1 => parts[0],
        _ => MatchTable.Merge(parts),
    };

    /// <summary>Evaluates all images added so far. More may be added after it.</summary>
    /// <param name="ct">Cancels between categories.</param>
    public EvaluationResult Evaluate(CancellationToken ct = default)
    {
        var dataset = new Dataset([], categories, [], "");
        return Matches() is { } matches
            ? Evaluator.Summarise(matches, dataset, protocol, warnings, threads: -1, ct)
            : Evaluator.Evaluate(dataset, new(), protocol, ct: ct);
    }
}
