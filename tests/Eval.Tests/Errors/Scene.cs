using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Metrics;

namespace Serve.Eval.Tests.Errors;

/// <summary>A scene put together by hand: cats are category 1, dogs 2; images are 1, 2 and 3.</summary>
internal sealed class Scene
{
    public const long Cat = 1;
    public const long Dog = 2;

    private readonly List<GroundTruth> objects = [];

    public DetectionTable Detections { get; } = new();

    public Protocol Protocol { get; init; } = CocoProtocol.BoundingBox;

    public Category[] Categories { get; init; } = [new(Dog, "dog"), new(Cat, "cat")];

    public Dataset Dataset => new([new(3, "c.jpg", 0, 0), new(1, "a.jpg", 0, 0), new(2, "b.jpg", 0, 0)], Categories, [.. objects], "");

    public Scene Object(long category, double x, double width = 100, long image = 1, bool crowd = false, bool ignored = false)
    {
        objects.Add(new(objects.Count + 1, image, category, x, 0, width, 100, width * 100, crowd) { IsIgnored = ignored });
        return this;
    }

    public Scene Detection(long category, double x, double score, double width = 100, long image = 1)
    {
        Detections.Add(image, category, x, 0, width, 100, score);
        return this;
    }

    public TideBreakdown Breakdown(ErrorOptions? options = null)
        => TideBreakdown.Of(Dataset, Detections, Protocol, options ?? new(), threads: 1, TestContext.Current.CancellationToken);

    public ErrorReport Report(ErrorOptions? options = null)
    {
        var evaluation = Evaluator.Evaluate(Dataset, Detections, Protocol, threads: 1, TestContext.Current.CancellationToken);
        return ErrorAnalysis.Run(Dataset, Detections, evaluation, options, threads: 1, TestContext.Current.CancellationToken);
    }

    /// <summary>The same of images that were evaluated one by one, each with its own detections alone, and merged.</summary>
    public ErrorReport ReportOfParts(ErrorOptions? options = null)
    {
        var parts = new[] { 2L, 1L, 3L }.Select(image => Evaluator.Evaluate(
            Dataset, DetectionsOn(image), Protocol with { ImageIds = [image] }, threads: 1, TestContext.Current.CancellationToken).Matches);
        var merged = Evaluator.Evaluate(MatchTable.Merge([.. parts]), Dataset, Protocol, threads: 1, TestContext.Current.CancellationToken);
        return ErrorAnalysis.Run(Dataset, Detections, merged, options, threads: 1, TestContext.Current.CancellationToken);
    }

    private DetectionTable DetectionsOn(long image)
    {
        var some = new DetectionTable();
        for (var row = 0; row < Detections.Count; row++)
        {
            if (Detections.ImageIds[row] == image)
                some.Add(image, Detections.CategoryIds[row], Detections.X[row], Detections.Y[row], Detections.Width[row], Detections.Height[row], Detections.Scores[row]);
        }
        return some;
    }
}
