using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Tests.Errors;

/// <summary>
/// COCO's boxes, but nobody has to find an object marked as ignored, and dogs are not annotated exhaustively: a dog that matches nothing counts neither way.
/// </summary>
internal sealed record LenientProtocol : Protocol
{
    public override string Name => "lenient";

    public override string Description => "COCO boxes with objects that are ignored and a category that is not annotated exhaustively.";

    public override IReadOnlyList<double> IouThresholds { get; init; } = [0.5];

    public override IReadOnlyList<double> RecallThresholds { get; init; } = [0, 1];

    public override IReadOnlyList<int> MaxDetections { get; init; } = [100];

    public override IReadOnlyList<AreaRange> AreaRanges { get; init; } = [new("all", 0, 1e10)];

    public override AnnotationParts Parts => AnnotationParts.Boxes;

    internal override MatchInput Prepare(Dataset dataset, DetectionTable detections, Warnings warnings, int threads, CancellationToken ct)
    {
        var coco = CocoProtocol.BoundingBox with { UseCategories = UseCategories, CategoryIds = CategoryIds, MaxDetections = MaxDetections, IouThresholds = IouThresholds };
        var input = coco.Prepare(dataset, detections, warnings, threads, ct);
        return input with
        {
            IsIgnored = Array.ConvertAll(input.GroundTruthRows, row => dataset.GroundTruths[row].IsIgnored),
            IsIgnoredUnmatched = Array.ConvertAll(input.DetectionRows, row => detections.CategoryIds[row] == Scene.Dog),
            AreaRanges = [.. AreaRanges],
        };
    }

    internal override IReadOnlyList<Metric> Headline(MatchInput input, Dataset dataset) => [];
}
