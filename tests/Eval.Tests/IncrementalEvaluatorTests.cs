using System.Runtime.CompilerServices;
using CsCheck;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Tests.Coco;
using Serve.Eval.Tests.Lvis;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests;

public class IncrementalEvaluatorTests
{
    [Fact]
    public void Images_added_one_by_one_give_the_same_arrays_as_all_at_once()
        => RandomScenes.Any.Sample(scene =>
        {
            var evaluator = new IncrementalEvaluator(scene.Protocol, scene.Dataset.Categories);
            foreach (var image in scene.Dataset.Images)
            {
                evaluator.Add(PartOf(scene, image), DetectionsOf(scene, image));
                // A look in between changes nothing.
                _ = evaluator.Evaluate();
            }

            var curves = evaluator.Evaluate().Curves;

            return new PrecisionRecallArrays(curves.Precision, curves.Recall, curves.Scores) == scene.Evaluate();
        }, iter: 200);

    [Fact]
    public void Nothing_added_is_an_evaluation_without_ground_truth()
        => Assert.Null(new IncrementalEvaluator(CocoProtocol.BoundingBox, [new(1, "a")]).Evaluate(TestContext.Current.CancellationToken)["AP"]);

    [Fact]
    public void An_image_is_added_once()
    {
        var evaluator = new IncrementalEvaluator(CocoProtocol.BoundingBox, [new(1, "a")]);
        var part = new Dataset([new(5, "", 0, 0)], [], [new(1, 5, 1, 0, 0, 10, 10, 100, false)], "");
        evaluator.Add(part, new(), TestContext.Current.CancellationToken);

        var fault = Assert.Throws<InvalidInputException>(() => evaluator.Add(part, new(), TestContext.Current.CancellationToken));

        Assert.Equal("Image 5 was added before; each image is added once, with all its ground truth and detections.", fault.Message);
        Assert.Equal(1, evaluator.Images);
        Assert.Equal(0, evaluator.Evaluate(TestContext.Current.CancellationToken)["AP"]);
    }

    [Fact]
    public void A_look_in_between_keeps_nothing_of_what_it_saw()
    {
        var evaluator = new IncrementalEvaluator(CocoProtocol.BoundingBox, [new(1, "a")]);
        AddImages(evaluator, 1, 2);
        var (first, again) = (Look(evaluator), Look(evaluator));
        AddImages(evaluator, 3);
        Assert.Equal(3, evaluator.Matches()!.Input.ImageIds.Length);

        GC.Collect();

        Assert.False(first.IsAlive);
        Assert.False(again.IsAlive);
        GC.KeepAlive(evaluator);
    }

    [Fact]
    public void What_was_looked_at_can_be_matched_again()
    {
        var evaluator = new IncrementalEvaluator(CocoProtocol.BoundingBox, [new(1, "a")]);
        AddImages(evaluator, 1, 2);
        var found = new DetectionTable();
        found.Add(3, 1, 0, 0, 10, 10, 0.5);
        evaluator.Add(new Dataset([new(3, "", 0, 0)], [], [new(3, 3, 1, 0, 0, 10, 10, 100, false)], ""), found, TestContext.Current.CancellationToken);
        var seen = evaluator.Evaluate(TestContext.Current.CancellationToken).Matches;
        AddImages(evaluator, 4);

        foreach (var matches in new[] { seen, evaluator.Matches()! })
            Assert.Equal([2], Matching.Match(matches.Input, ct: TestContext.Current.CancellationToken).DetectionMatches(0, 0));
    }

    [Fact]
    public void Looking_twice_merges_once()
    {
        var evaluator = new IncrementalEvaluator(CocoProtocol.BoundingBox, [new(1, "a")]);
        AddImages(evaluator, 1, 2);

        Assert.Same(evaluator.Matches(), evaluator.Matches());
    }

    [Fact]
    public void Warnings_are_those_of_all_at_once()
        => LvisScene.Any.Where(scene => !scene.Protocol.StrictReference).Sample(scene =>
        {
            var dataset = new Dataset(scene.Dataset.Images, scene.Dataset.Categories, [.. scene.Dataset.GroundTruths.Select(g => g with { Id = g.Id % 3 })], "");
            var detections = scene.Detections.Append(new(2, Category: 9, 0, 0, 16, 16, 0.5)).Append(new(0, Category: 9, 0, 0, 16, 16, 0.5)).ToArray();
            var evaluator = new IncrementalEvaluator(scene.Protocol, dataset.Categories);
            foreach (var image in dataset.Images)
            {
                evaluator.Add(
                    new Dataset([image], [], [.. dataset.GroundTruths.Where(g => g.ImageId == image.Id)], ""),
                    RandomScenes.TableOf(detections.Where(d => d.Image == image.Id)));
                _ = evaluator.Evaluate();
            }

            var expected = Evaluator.Evaluate(dataset, RandomScenes.TableOf(detections), scene.Protocol).Warnings;

            Assert.Contains("2 detections are of categories that the dataset does not list; they are left out.", expected);
            Assert.Equal(expected, evaluator.Evaluate().Warnings);
        }, iter: 200);

    [Fact]
    public void Counts_of_all_batches_are_told_in_one_sentence()
    {
        var evaluator = new IncrementalEvaluator(UsbProtocol.M109s, [new(1, "a")]);
        evaluator.Add(new Dataset([new(1, "", 64, 64), new(2, "", 64, 64)], [], [new(1, 1, 1, 0, 0, 10, 10, 100, false)], ""), new(), TestContext.Current.CancellationToken);
        evaluator.Add(new Dataset([new(3, "", 64, 64)], [], [new(2, 3, 1, 0, 0, 10, 10, 100, false)], ""), new(), TestContext.Current.CancellationToken);

        Assert.Equal(
            ["1 of 3 images are left out: they have no annotations, or a side below 32 pixels."], evaluator.Evaluate(TestContext.Current.CancellationToken).Warnings);
    }

    [Fact]
    public void Ids_that_repeat_over_batches_stand_for_themselves_even_where_the_reference_is_reproduced()
    {
        var evaluator = new IncrementalEvaluator(CocoProtocol.BoundingBox with { StrictReference = true }, [new(1, "a")]);
        foreach (var image in new[] { 1, 2 })
        {
            GroundTruth[] objects = [new(7, image, 1, 0, 0, 10, 10, 100, false), new(image, image, 1, 50, 0, 10, 10, 100, false)];
            evaluator.Add(new Dataset([new(image, "", 0, 0)], [], objects, ""), new(), TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            ["1 annotations repeat the id of one that was added before: each is evaluated as it stands. The reference, given all at once, puts the last with an id in the place of all."],
            evaluator.Evaluate(TestContext.Current.CancellationToken).Warnings);
    }

    [Fact]
    public void A_batch_that_is_refused_leaves_no_warnings()
    {
        var evaluator = new IncrementalEvaluator(CocoProtocol.BoundingBox, [new(1, "a")]);
        AddImages(evaluator, 1);
        var again = new Dataset([new(1, "", 0, 0)], [], [new(0, 1, 1, 0, 0, 10, 10, 100, false), new(2, 9, 1, 0, 0, 10, 10, 100, false)], "");
        Assert.Throws<InvalidInputException>(() => evaluator.Add(again, new(), TestContext.Current.CancellationToken));
        AddImages(evaluator, 2);

        Assert.Empty(evaluator.Evaluate(TestContext.Current.CancellationToken).Warnings);
    }

    // A method of its own, so that no local of the test keeps the table.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Look(IncrementalEvaluator evaluator) => new(evaluator.Evaluate(TestContext.Current.CancellationToken).Matches);

    private static void AddImages(IncrementalEvaluator evaluator, params long[] ids)
    {
        foreach (var id in ids)
            evaluator.Add(new Dataset([new(id, "", 0, 0)], [], [new(id, id, 1, 0, 0, 10, 10, 100, false)], ""), new(), TestContext.Current.CancellationToken);
    }

    private static Dataset PartOf(RandomScene scene, ImageEntry image)
        => new([image], [], [.. scene.Dataset.GroundTruths.Where(g => g.ImageId == image.Id)], "");

    private static DetectionTable DetectionsOf(RandomScene scene, ImageEntry image)
        => (scene with { Detections = [.. scene.Detections.Where(d => d.Image == image.Id)] }).Table;
}
