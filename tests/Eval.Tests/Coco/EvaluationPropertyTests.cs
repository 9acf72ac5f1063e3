using CsCheck;

namespace Serve.Eval.Tests.Coco;

public class EvaluationPropertyTests
{
    [Fact]
    public void Evaluation_agrees_with_the_naive_one()
        => RandomScenes.Any.Sample(scene =>
        {
            var (precision, recall, scores) = NaiveEvaluator.Evaluate(scene.Dataset, scene.Detections, scene.Protocol);
            return scene.Evaluate() == new PrecisionRecallArrays([.. precision], [.. recall], [.. scores]);
        }, iter: 500);

    [Fact]
    public void Evaluation_does_not_depend_on_the_order_of_images()
        => RandomScenes.Any.Sample(scene =>
        {
            var turned = scene with
            {
                Dataset = SceneVariants.Turned(scene.Dataset),
                Detections = [.. scene.Detections.OrderByDescending(d => d.Image)],
            };
            return turned.Evaluate() == scene.Evaluate();
        }, iter: 300);

    [Fact]
    public void Evaluation_does_not_depend_on_what_ids_are_beyond_their_order()
        => RandomScenes.Any.Sample(scene =>
        {
            var renumbered = scene with
            {
                Dataset = SceneVariants.Renumbered(scene.Dataset),
                Detections = SceneVariants.Renumbered(scene.Detections),
            };
            return renumbered.Evaluate() == scene.Evaluate();
        }, iter: 300);

    [Fact]
    public void Perfect_detections_find_everything()
        => RandomScenes.Any.Sample(scene =>
        {
            var perfect = scene with
            {
                Detections = [.. scene.Dataset.GroundTruths.Where(g => !g.IsCrowd).Select(g => new NaiveEvaluator.Detection(g.ImageId, g.CategoryId, g.X, g.Y, g.Width, g.Height, 0.5))],
                Protocol = scene.Protocol with { MaxDetections = [100], AreaRanges = [new("all", 0, 1e10)] },
            };
            return perfect.Evaluate().Recall.All(recall => recall is -1 or 1) && perfect.Evaluate().Precision.All(precision => precision == -1 || precision > 1 - 1e-12);
        }, iter: 300);

    [Fact]
    public void A_detection_below_all_others_never_lowers_recall_or_precision()
        => Gen.Select(RandomScenes.Any, RandomScenes.AnyDetection).Sample((scene, detection) =>
        {
            var before = scene.Evaluate();

            var after = (scene with { Detections = [.. scene.Detections, detection with { Score = -1 }] }).Evaluate();

            return after.Recall.Zip(before.Recall).All(pair => pair.First >= pair.Second)
                && after.Precision.Zip(before.Precision).All(pair => pair.First >= pair.Second);
        }, iter: 300);

    [Fact]
    public void Detections_of_a_second_copy_of_the_images_change_nothing()
        => RandomScenes.Any.Sample(scene =>
        {
            // Every image and its detections once more: twice the true and false positives at every score, the same precision but for 2^-52.
            var doubled = scene with
            {
                Dataset = RandomScenes.DatasetOf(
                    [.. scene.Dataset.Images.Select(i => i.Id), .. scene.Dataset.Images.Select(i => i.Id + 10)],
                    [.. scene.Dataset.GroundTruths, .. scene.Dataset.GroundTruths.Select(g => g with { ImageId = g.ImageId + 10 })]),
                Detections = [.. scene.Detections, .. scene.Detections.Select(d => d with { Image = d.Image + 10 })],
            };
            return doubled.Evaluate().Recall.SequenceEqual(scene.Evaluate().Recall);
        }, iter: 300);

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(-1)]
    public void Evaluation_is_the_same_for_any_number_of_threads(int threads)
        => Assert.Equal(RandomScenes.Large.Evaluate(threads: 1), RandomScenes.Large.Evaluate(threads));
}
