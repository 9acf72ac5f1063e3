using CsCheck;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Tests.Coco;
using Serve.Eval.Voc;

namespace Serve.Eval.Tests.Voc;

public class VocPropertyTests
{
    private const double Tolerance = 1e-13;

    private const double Most = 1 / 11.0 + Tolerance;

    /// <summary>Scenes of the COCO tests, half of them with everything on two images in one category; a crowd there is a difficult object here.</summary>
    private static readonly Gen<(RandomScene Scene, VocProtocol Protocol)> Scenes = Gen.Select(RandomScenes.Any, Gen.Bool, Gen.Bool, Gen.Bool, Gen.OneOfConst(0.25, 0.5, 0.75, 1))
        .Select((scene, dense, elevenPoints, strict, threshold) => (
            scene with
            {
                Dataset = RandomScenes.DatasetOf([2, -1, 0, 1], scene.Dataset.GroundTruths.Select(g => g with
                {
                    IsIgnored = g.IsCrowd,
                    IsCrowd = false,
                    ImageId = dense ? Math.Abs(g.ImageId) / 2 : g.ImageId,
                    CategoryId = dense ? 1 : g.CategoryId,
                })),
                Detections = [.. scene.Detections.Select(d => dense ? d with { Image = Math.Abs(d.Image) / 2, Category = 1 } : d)],
            },
            (elevenPoints ? VocProtocol.Voc2007 : VocProtocol.Voc2012) with { StrictReference = strict, IouThresholds = [threshold] }));

    [Fact]
    public void Evaluation_agrees_with_the_development_kit()
        => Scenes.Sample(input =>
        {
            var (scene, protocol) = input;
            var evaluation = Evaluate(scene, protocol);
            foreach (var category in evaluation.PerCategory)
            {
                // The kit breaks ties by the order of the file; so do we where it is reproduced, and by image elsewhere.
                var detections = scene.Detections.Where(d => d.Category == category.Id);
                var expected = NaiveVoc.Evaluate(
                    [.. scene.Dataset.GroundTruths.Where(g => g.CategoryId == category.Id).Select(g => new NaiveVoc.Object(g.ImageId, CornersOf(g.X, g.Y, g.Width, g.Height), g.IsIgnored))],
                    (protocol.StrictReference ? detections : detections.OrderBy(d => d.Image)).Select(d => new NaiveVoc.Detection(d.Image, CornersOf(d.X, d.Y, d.Width, d.Height), d.Score)),
                    protocol.IouThresholds[0],
                    protocol.IsElevenPoints);
                AssertSame(expected?.Ap, category.Ap);
                AssertSame(expected?.Recall, category.Ar);
            }
            double[] aps = [.. evaluation.PerCategory.Select(c => c.Ap).OfType<double>()];
            AssertSame(aps.Length == 0 ? null : aps.Average(), evaluation["mAP"]);
        }, iter: 1000);

    [Fact]
    public void Evaluation_does_not_depend_on_the_order_of_images()
        => Lenient.Sample(input =>
        {
            var (scene, protocol) = input;
            var turned = scene with
            {
                Dataset = SceneVariants.Turned(scene.Dataset),
                Detections = [.. scene.Detections.OrderByDescending(d => d.Image)],
            };

            Assert.Equal(Arrays(Evaluate(scene, protocol)), Arrays(Evaluate(turned, protocol)));
        }, iter: 300);

    [Fact]
    public void Images_added_one_by_one_and_merged_parts_give_the_same_as_all_at_once()
        => Lenient.Sample(input =>
        {
            var (scene, protocol) = input;
            var evaluator = new IncrementalEvaluator(protocol, scene.Dataset.Categories);
            foreach (var image in scene.Dataset.Images)
            {
                evaluator.Add(
                    new Dataset([image], [], [.. scene.Dataset.GroundTruths.Where(g => g.ImageId == image.Id)], ""),
                    (scene with { Detections = [.. scene.Detections.Where(d => d.Image == image.Id)] }).Table);
            }
            long[][] shards = [[2], [0, -1], [1]];
            var parts = shards.Select(shard => Evaluate(scene, protocol with { ImageIds = shard }).Matches).ToList();

            var expected = Arrays(Evaluate(scene, protocol));

            Assert.Equal(expected, Arrays(evaluator.Evaluate()));
            Assert.Equal(expected, Arrays(Evaluator.Evaluate(MatchTable.Merge(parts), scene.Dataset, protocol)));
        }, iter: 300);

    [Fact]
    public void Evaluation_is_the_same_for_any_number_of_threads()
        => Scenes.Sample(
            input => Assert.Equal(Arrays(Evaluate(input.Scene, input.Protocol)), Arrays(Evaluate(input.Scene, input.Protocol, threads: 5))), iter: 100);

    [Fact]
    public void Area_and_eleven_points_differ_by_no_more_than_a_point()
        => Scenes.Sample(input =>
        {
            // Precision falls with recall, so that sampling it at eleven points errs by an eleventh at most.
            var (area, points) = (Evaluate(input.Scene, VocProtocol.Voc2012)["mAP"], Evaluate(input.Scene, VocProtocol.Voc2007)["mAP"]);
            Assert.Equal(area is null, points is null);
            if (area is not null)
                Assert.InRange(area.Value - points!.Value, -Most, Most);
        }, iter: 300);

    private static Gen<(RandomScene Scene, VocProtocol Protocol)> Lenient => Scenes.Select(input => (input.Scene, input.Protocol with { StrictReference = false }));

    private static NaiveVoc.Corners CornersOf(double x, double y, double width, double height) => new(x, y, x + width, y + height);

    private static void AssertSame(double? expected, double? given)
    {
        Assert.Equal(expected is null, given is null);
        if (expected is not null)
            Assert.Equal(expected.Value, given!.Value, Tolerance);
    }

    private static EvaluationResult Evaluate(RandomScene scene, VocProtocol protocol, int threads = 1) => Evaluator.Evaluate(scene.Dataset, scene.Table, protocol, threads);

    private static PrecisionRecallArrays Arrays(EvaluationResult evaluation)
        => new([.. evaluation.Curves.Precision, .. evaluation.Curves.Areas], evaluation.Curves.Recall, evaluation.Curves.Scores);
}
