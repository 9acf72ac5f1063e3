using CsCheck;
using Serve.Eval.Datasets;
using Serve.Eval.Errors;
using Serve.Eval.Metrics;
using Serve.Eval.Tests.Coco;

namespace Serve.Eval.Tests.Errors;

public class ErrorPropertyTests
{
    private static readonly ErrorOptions Options = new() { MaxDetections = 4 };

    [Fact]
    public void Breakdown_agrees_with_the_naive_one()
        => Gen.Select(RandomScenes.Any, Gen.Int[1, 5]).Sample((scene, limit) =>
        {
            var breakdown = TideBreakdown.Of(scene.Dataset, scene.Table, scene.Protocol, Options with { MaxDetections = limit }, threads: 1);
            var naive = NaiveTide.Of(scene, foreground: 0.5, background: 0.1, limit);
            double[] gains = [.. breakdown.Errors.Select(share => share.Gain), breakdown.FalsePositiveGain, breakdown.FalseNegativeGain];
            return breakdown.Errors.Select(share => share.Count).SequenceEqual(naive.Counts) && Near(breakdown.Ap ?? -1, naive.Ap)
                && gains.Zip(naive.Gains, Near).All(near => near);
        }, iter: 2000);

    [Fact]
    public void Gains_do_not_lead_beyond_100_and_those_of_kinds_are_not_negative()
        => RandomScenes.Any.Sample(scene =>
        {
            var breakdown = TideBreakdown.Of(scene.Dataset, scene.Table, scene.Protocol, Options, threads: 1);
            double[] gains = [.. breakdown.Errors.Select(share => share.Gain), breakdown.FalsePositiveGain];
            return gains.All(gain => gain > -1e-9) && gains.Append(breakdown.FalseNegativeGain).All(gain => (breakdown.Ap ?? 0) + gain < 100 + 1e-9);
        }, iter: 500);

    [Fact]
    public void Repair_of_everything_leads_to_100()
        => RandomScenes.Any.Sample(scene =>
        {
            var pool = ImagePool.Of(scene.Dataset, scene.Table, scene.Protocol, new() { MaxDetections = 4 }, threads: 1, CancellationToken.None);
            var overlaps = PooledOverlaps.Find(pool.Input, lowest: 0.1, threads: 1, CancellationToken.None);
            var precision = new TidePrecision(pool, new TideJudge(pool, overlaps, foreground: 0.5, background: 0.1).Judge(threads: 1, CancellationToken.None));
            return Near(precision.Without(Enum.GetValues<TideError>()).Average() ?? 100, 100) && Near(NaiveTide.Of(scene, 0.5, 0.1, 4).AllRepaired, 100);
        }, iter: 500);

    [Fact]
    public void Confusion_agrees_with_the_naive_one()
        => Gen.Select(RandomScenes.Any, Gen.Int[0, 3], Gen.Int[1, 5]).Sample((scene, quarters, limit) =>
        {
            var options = Options with { ScoreThreshold = quarters / 4.0, MaxDetections = limit };
            var confusion = ConfusionMatrix.Of(scene.Dataset, scene.Table, scene.Protocol, options, threads: 1);
            return confusion.ToDense().Cast<long>().SequenceEqual(NaiveConfusion(scene, quarters / 4.0, limit).Cast<long>());
        }, iter: 2000);

    [Fact]
    public void Curves_are_what_evaluations_from_each_score_on_give()
        => RandomScenes.Any.Sample(scene =>
        {
            var report = ErrorAnalysis.Run(scene.Dataset, scene.Table, Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol, threads: 1), threads: 1);
            return report.Categories.Append(report.Overall).All(curve =>
            {
                var points = NaiveCurve(scene, curve.CategoryId < 0 ? null : curve.CategoryId);
                var best = points.Where(p => p.TruePositives > 0).OrderByDescending(p => p.F1).ThenByDescending(p => p.Threshold).FirstOrDefault();
                return points.SequenceEqual(curve.Scores.Select((_, i) => curve.At(i))) && curve.Best == best;
            });
        }, iter: 500);

    [Fact]
    public void Counts_of_images_add_up_to_those_of_all()
        => RandomScenes.Any.Sample(scene =>
        {
            var report = ErrorAnalysis.Run(
                scene.Dataset, scene.Table, Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol, threads: 1), Options with { ScoreThreshold = 0.5 }, threads: 1);
            var all = report.Overall.Chosen;
            return report.Images.Sum(i => i.TruePositives) == all.TruePositives && report.Images.Sum(i => i.FalsePositives) == all.FalsePositives
                && report.Images.Sum(i => i.FalseNegatives) == all.FalseNegatives && report.Images.Count == 4;
        }, iter: 300);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(-1)]
    public void Report_is_the_same_for_any_number_of_threads(int threads)
    {
        var scene = RandomScenes.Large;
        var evaluation = Evaluator.Evaluate(scene.Dataset, scene.Table, scene.Protocol, ct: TestContext.Current.CancellationToken);
        string Json(int count) => ErrorAnalysis.Run(scene.Dataset, scene.Table, evaluation, new() { ScoreThreshold = 0.2 }, count, TestContext.Current.CancellationToken).ToJson();

        Assert.Equal(Json(1), Json(threads));
    }

    private static bool Near(double a, double b) => Math.Abs(a - b) < 1e-9;

    /// <summary>From each score on: what an evaluation of those detections alone gives. Scores at which nothing counts change nothing.</summary>
    private static List<OperatingPoint> NaiveCurve(RandomScene scene, long? category)
    {
        bool Is(long id) => category is null || id == category;
        var wanted = scene.Dataset.GroundTruths.Count(g => Is(g.CategoryId) && !g.IsCrowd);
        var points = new List<OperatingPoint>();
        var before = 0;
        foreach (var score in scene.Detections.Select(d => d.Score).Distinct().OrderDescending())
        {
            var kept = scene with { Detections = [.. scene.Detections.Where(d => d.Score >= score)], Protocol = scene.Protocol with { IouThresholds = [0.5] } };
            var matches = Evaluator.Evaluate(kept.Dataset, kept.Table, kept.Protocol, threads: 1).Matches;
            var outcomes = matches.Outcomes(0, 0).Where((_, d) => Is(kept.Detections[matches.Input.DetectionRows[d]].Category)).ToList();
            var (right, wrong) = (outcomes.Count(o => o is Outcome.Matched), outcomes.Count(o => o is Outcome.None));
            if (right + wrong > before)
                points.Add(OperatingPoint.Of(score, right, wrong, wanted));
            before = right + wrong;
        }
        return points;
    }

    private static long[,] NaiveConfusion(RandomScene scene, double score, int limit)
    {
        var ids = scene.Protocol.UseCategories ? scene.Dataset.Categories.Select(c => c.Id).Order().ToList() : [-1];
        int Place(long id) => scene.Protocol.UseCategories ? ids.IndexOf(id) : 0;
        var counts = new long[ids.Count + 1, ids.Count + 1];
        foreach (var image in scene.Dataset.Images.Select(i => i.Id))
        {
            var here = scene.Dataset.GroundTruths.Where(g => g.ImageId == image).ToList();
            var free = here.Where(g => !g.IsCrowd).ToList();
            foreach (var d in NaivePool.Best(scene, image, limit).Where(d => d.Score >= score))
            {
                var best = free.Where(g => NaiveEvaluator.Overlap(d, g) >= 0.5)
                    .OrderByDescending(g => NaiveEvaluator.Overlap(d, g)).ThenByDescending(g => Place(g.CategoryId) == Place(d.Category)).Cast<GroundTruth?>().FirstOrDefault();
                if (best is { } taken)
                    free.Remove(taken);
                else if (here.Any(g => g.IsCrowd && Place(g.CategoryId) == Place(d.Category) && NaiveEvaluator.Overlap(d, g) >= 0.5))
                    continue;
                counts[best is { } truth ? Place(truth.CategoryId) : ids.Count, Place(d.Category)]++;
            }
            foreach (var g in free)
                counts[Place(g.CategoryId), ids.Count]++;
        }
        return counts;
    }
}
