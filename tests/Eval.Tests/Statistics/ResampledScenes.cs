using CsCheck;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Statistics;

/// <summary>Rules of the protocols, other than thresholds and ranges, that decide what a resample is.</summary>
/// <param name="Assignment">Which ground truth a detection may take.</param>
/// <param name="Curve">How curves are made.</param>
/// <param name="IgnoresUnmatched">Some detections count neither way where they match nothing.</param>
/// <param name="HasZeroIds">Some matches are noted as none.</param>
/// <param name="RecallThresholds">Where precision is read.</param>
internal sealed record SceneRules(Assignment Assignment, CurveRule Curve, bool IgnoresUnmatched, bool HasZeroIds, double[] RecallThresholds);

/// <summary>A scene, the rules, and how often each of its four images occurs.</summary>
internal sealed record ResampledScene(RandomScene Scene, SceneRules Rules, int[] Weights)
{
    /// <summary>Numbers of every kind: all cells, one limit, one range, one threshold, some categories, means of means.</summary>
    public static IReadOnlyList<Metric> Metrics { get; } =
    [
        new("AP", Measure.Precision),
        new("AP50", Measure.Precision) { IouThreshold = 0.5 },
        new("APs", Measure.Precision) { AreaRange = "small" },
        new("AP@2", Measure.Precision) { MaxDetections = 2 },
        new("AR@1", Measure.Recall) { MaxDetections = 1 },
        new("AR@4", Measure.Recall),
        new("ARm", Measure.Recall) { AreaRange = "medium", IouThreshold = 0.25 },
        new("AP of two", Measure.Precision) { Categories = [0, 1] },
        new("AP of one", Measure.Precision) { Categories = [0] },
        new("mean", Measure.Precision)
        {
            MeanOf = [new("a", Measure.Precision) { AreaRange = "small" }, new("b", Measure.Recall) { AreaRange = "large" }, new("c", Measure.Precision) { IouThreshold = 0.1 }],
        },
    ];

    /// <summary>Evaluates the scene as it is.</summary>
    public EvaluationResult Evaluate() => Evaluate(Scene.Dataset, InFile(Scene.Detections));

    /// <summary>Evaluates a dataset in which each image stands as often as it occurs, copies next to each other by id.</summary>
    public EvaluationResult EvaluateCopies()
    {
        var ids = Scene.Dataset.Images.Select(image => image.Id).Order().ToArray();
        var copies = ids.SelectMany((id, i) => Enumerable.Range(0, Weights[i]).Select(copy => (Id: id, Copy: (id * 100) + copy))).ToArray();
        return Evaluate(
            RandomScenes.DatasetOf(
                copies.Select(copy => copy.Copy),
                copies.SelectMany(copy => Scene.Dataset.GroundTruths.Where(g => g.ImageId == copy.Id).Select(g => g with { ImageId = copy.Copy }))),
            InFile(copies.SelectMany(copy => Scene.Detections.Where(d => d.Image == copy.Id).Select(d => d with { Image = copy.Copy }))));
    }

    // Where the order of the file matters, it is not that of ids, and those of an image, and of its copies, stand together.
    private NaiveEvaluator.Detection[] InFile(IEnumerable<NaiveEvaluator.Detection> detections)
        => Rules.Curve.TiesInFileOrder ? [.. detections.OrderByDescending(d => Math.Floor(d.Image / 100.0)).ThenByDescending(d => d.Image)] : [.. detections];

    // The protocol chooses what takes part; the rules are then put in place of its own.
    private EvaluationResult Evaluate(Dataset dataset, NaiveEvaluator.Detection[] detections)
    {
        var scene = Scene with { Dataset = dataset, Detections = detections };
        var evaluation = Evaluator.Evaluate(dataset, scene.Table, Scene.Protocol, threads: 1, TestContext.Current.CancellationToken);
        var input = evaluation.Matches.Input;
        var ruled = input with
        {
            // By what is the same in all copies.
            IsIgnoredUnmatched = Rules.IgnoresUnmatched ? Array.ConvertAll(input.DetectionRows, row => detections[row].X > detections[row].Y) : null,
            HasZeroId = Rules.HasZeroIds ? Array.ConvertAll(input.GroundTruthRows, row => dataset.GroundTruths[row].X > dataset.GroundTruths[row].Y) : null,
            Assignment = Rules.Assignment,
        };
        var matches = Matching.Match(ruled, threads: 1, TestContext.Current.CancellationToken);
        var curves = PrecisionRecall.Accumulate(matches, Rules.RecallThresholds, Scene.Protocol.MaxDetections, Rules.Curve, threads: 1, TestContext.Current.CancellationToken);
        var means = new CurveMeans(curves);
        var metrics = Scene.Protocol.UseCategories ? Metrics : [.. Metrics.Where(metric => metric.Categories is null or [0])];
        return evaluation with { Matches = matches, Curves = curves, Metrics = metrics, Summary = [.. metrics.Select(metric => new SummaryNumber(metric.Name, means.Of(metric)))] };
    }

    private static readonly double[] Ascending = [0, 0.25, 1 / 3.0, 0.5, 0.75, 1];
    private static readonly double[] Unordered = [0.5, 0, 0.25, 1, 0.75, 0.25];

    private static readonly Gen<SceneRules> AnyRules = Gen.Select(Gen.Enum<Assignment>(), Gen.OneOfConst(
            CurveRule.Coco, new(0, Area: true), new(0, Area: false), CurveRule.Coco with { LimitsPerCategory = true }, CurveRule.Coco with { TiesInFileOrder = true },
            new(0, Area: true) { TiesInFileOrder = true }), Gen.Bool, Gen.Bool, Gen.Bool)
        .Select((assignment, curve, ignores, zeros, ordered) => new SceneRules(assignment, curve, ignores, zeros, ordered ? Ascending : Unordered));

    public static Gen<ResampledScene> Any { get; } = Gen.Select(RandomScenes.Any, AnyRules, Gen.Int[0, 3].Array[4], Gen.Bool).Select((scene, rules, weights, few) => new ResampledScene(
        scene with { Protocol = scene.Protocol with { IouThresholds = few ? [0.1, 0.25, 0.5] : scene.Protocol.IouThresholds } }, rules, weights));
}
