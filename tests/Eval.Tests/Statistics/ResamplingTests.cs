using CsCheck;
using Serve.Eval.Datasets;
using Serve.Eval.Lvis;
using Serve.Eval.Statistics;
using Serve.Eval.Tests.Coco;
using Serve.Eval.Tests.Lvis;

namespace Serve.Eval.Tests.Statistics;

public class ResamplingTests
{
    private const double Tolerance = 1e-12;

    // Limits over all images are those of the images as they are, so that copies of images do not push detections out.
    private static readonly Gen<ResampledScene> Scenes = ResampledScene.Any.Where(scene => !scene.Rules.Curve.LimitsPerCategory);

    [Fact]
    public void Resample_is_the_evaluation_of_a_dataset_with_the_images_as_often_as_they_were_drawn()
        => Scenes.Sample(scene =>
        {
            var resampled = FixedWeights.Accumulate(scene.Evaluate(), new FixedWeights(scene.Weights));

            RequireSame(scene.EvaluateCopies().Summary, resampled);
        }, iter: 3000);

    [Fact]
    public void Images_as_they_are_give_the_numbers_as_they_are()
        => ResampledScene.Any.Sample(scene =>
        {
            var evaluation = scene.Evaluate();

            RequireSame(evaluation.Summary, FixedWeights.Accumulate(evaluation, new FixedWeights([1, 1, 1, 1])));
        }, iter: 500);

    [Fact]
    public void Resample_under_lvis_is_the_evaluation_of_the_copies()
        => Gen.Select(LvisScene.Any, Gen.Int[0, 3].Array[4]).Sample((scene, weights) =>
        {
            var protocol = scene.Protocol.Limit is LvisLimit.Category ? scene.Protocol with { MaxDetections = [1000, 200] } : scene.Protocol;
            var ids = scene.Dataset.Images.Select(image => image.Id).Order().ToArray();
            var copies = ids.SelectMany((id, i) => Enumerable.Range(0, weights[i]).Select(copy => (Id: id, Copy: (id * 100) + copy))).ToArray();
            var dataset = new Dataset(
                [.. copies.Select(copy => scene.Dataset.Images.First(image => image.Id == copy.Id) with { Id = copy.Copy })], scene.Dataset.Categories,
                [.. copies.SelectMany(copy => scene.Dataset.GroundTruths.Where(g => g.ImageId == copy.Id).Select(g => g with { Id = g.Id + (1000 * (copy.Copy + 101)), ImageId = copy.Copy }))], "");
            var detections = copies.SelectMany(copy => scene.Detections.Where(d => d.Image == copy.Id).Select(d => d with { Image = copy.Copy }));

            var resampled = FixedWeights.Accumulate(Evaluator.Evaluate(scene.Dataset, RandomScenes.TableOf(scene.Detections), protocol), new FixedWeights(weights));

            RequireSame(Evaluator.Evaluate(dataset, RandomScenes.TableOf(detections), protocol).Summary, resampled);
        }, iter: 1000);

    [Fact]
    public void Every_lane_of_a_block_has_its_own_weights()
        => Gen.Select(ResampledScene.Any, Gen.Int[0, 4].Array[4].Array[1, 40]).Sample((scene, weightings) =>
        {
            var evaluation = scene.Evaluate();
            var together = FixedWeights.Accumulate(evaluation, new FixedWeights(weightings));

            return weightings.Index().All(weighting =>
            {
                var alone = FixedWeights.Accumulate(evaluation, new FixedWeights(weighting.Item));
                return together.Zip(alone).All(pair => Same(pair.First[weighting.Index], pair.Second[0]));
            });
        }, iter: 100);

    [Fact]
    public void Image_without_weight_is_left_out()
        => Scenes.Sample(scene =>
        {
            var kept = scene.Scene.Dataset.Images.Select(image => image.Id).Order().Where((_, i) => scene.Weights[i] > 0).ToArray();
            var once = scene with { Weights = Array.ConvertAll(scene.Weights, weight => Math.Min(weight, 1)) };
            var subset = scene with { Scene = scene.Scene with { Protocol = scene.Scene.Protocol with { ImageIds = kept } } };

            RequireSame(subset.Evaluate().Summary, FixedWeights.Accumulate(scene.Evaluate(), new FixedWeights(once.Weights)));
        }, iter: 500);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(-1)]
    public void Resamples_are_the_same_for_any_number_of_threads(int threads)
    {
        var evaluation = LargerScene.Evaluate(seed: 7);
        var draws = new BootstrapDraws(400, 100, seed: 3);

        Assert.Equal(FixedWeights.Accumulate(evaluation, draws, threads: 1), FixedWeights.Accumulate(evaluation, draws, threads));
    }

    [Fact]
    public void Resample_does_not_depend_on_how_many_there_are()
    {
        var evaluation = LargerScene.Evaluate(seed: 7);

        var few = FixedWeights.Accumulate(evaluation, new BootstrapDraws(400, 5, seed: 3));
        var many = FixedWeights.Accumulate(evaluation, new BootstrapDraws(400, 50, seed: 3));

        Assert.Equal(few, many.Select(values => values[..5]));
    }

    [Fact]
    public void Resample_of_a_larger_scene_with_the_default_protocol_is_the_evaluation_of_the_copies()
    {
        var weights = new byte[400];
        new BootstrapDraws(400, 1, seed: 11).Fill(0, weights);

        var resampled = FixedWeights.Accumulate(LargerScene.Evaluate(seed: 7), new BootstrapDraws(400, 1, seed: 11));

        RequireSame(LargerScene.Evaluate(seed: 7, weights).Summary, resampled);
        Assert.All(resampled, values => Assert.InRange(values[0], 0.001, 1));
    }

    [Fact]
    public void Exchanged_results_are_the_evaluation_of_a_result_put_together_image_by_image()
        => Gen.Select(Scenes, RandomScenes.Any, Gen.Int[0, 1].Array[4]).Where(input => !input.Item1.Rules.Curve.TiesInFileOrder).Sample((scene, other, ofOther) =>
        {
            var ct = TestContext.Current.CancellationToken;
            var second = scene with { Scene = scene.Scene with { Detections = other.Detections } };
            var ids = scene.Scene.Dataset.Images.Select(image => image.Id).Order().ToArray();
            var mixed = scene with
            {
                Scene = scene.Scene with
                {
                    Detections =
                    [
                        .. scene.Scene.Detections.Where(d => ofOther[Array.IndexOf(ids, d.Image)] == 0), .. other.Detections.Where(d => ofOther[Array.IndexOf(ids, d.Image)] == 1),
                    ],
                },
            };
            var (a, b) = (scene.Evaluate(), second.Evaluate());
            var plan = ResamplePlan.Of([a.Matches, b.Matches], a.Curves, a.Metrics, 1, 1, ct);

            var values = Resampling.Run(plan, new FixedWeights([.. ofOther.Select(o => 1 - o), .. ofOther, 1]), 1, new(1, null), ct);

            RequireSame(mixed.Evaluate().Summary, values);
        }, iter: 1000);

    private static void RequireSame(IReadOnlyList<SummaryNumber> expected, double[][] values)
    {
        var differing = expected.Zip(values).Where(pair => !Same(pair.First.Value ?? double.NaN, pair.Second[0]));
        Assert.Equal(expected.Count, values.Length);
        Assert.Equal("", string.Join("; ", differing.Select(pair => $"{pair.First.Name} is {pair.Second[0]}, expected {pair.First.Value}")));
    }

    private static bool Same(double a, double b) => double.IsNaN(a) ? double.IsNaN(b) : Math.Abs(a - b) <= Tolerance;
}
