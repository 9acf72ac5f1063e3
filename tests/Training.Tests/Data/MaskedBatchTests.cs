using System.Security.Cryptography;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Training.Data;
using Serve.Training.Data.Orders;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Data;

public class MaskedBatchTests
{
    private static readonly Augmentation Jitter = new() { Width = 64, Height = 64, Resize = TrainingResize.Jitter, Scale = (0.5, 1.5), BoxesFromMasks = true, MinVisible = 0, PadValue = 128 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Batches_of_plain_augmentation_are_those_of_before_there_were_masks()
    {
        // Made once with the code of before: runs that were begun with it must continue as they would have.
        const string Before = "5e3dd91f2be2d4b18e55653ff09f46f9ca5ad40763eb557a029b7095e1e8bb94";
        var options = new Augmentation { Width = 64, Height = 32, VerticalFlip = 0.5, Scale = (0.7, 1.6) };
        using var loader = TestScenes.Loader(TestScenes.Dataset(TestScenes.Images(5, 80, 50)), options);

        var batches = await TestScenes.ReadAsync(loader, 0, 12, Token);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var batch in batches)
        {
            hash.AppendData([.. batch.ImageIds.Select(id => (byte)id)]);
            hash.AppendData([.. batch.Pixels.Select(value => (byte)value)]);
            foreach (var boxes in batch.Boxes)
                hash.AppendData([.. boxes.SelectMany(value => BitConverter.GetBytes((int)Math.Round(value * 16)))]);
        }

        Assert.Equal(Before, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    [Fact]
    public async Task Masks_come_in_windows_that_are_the_boxes()
    {
        using var loader = TestScenes.Loader(Masked(6), new BatchOptions { Augmentation = Jitter, BatchSize = 3, Masks = true });
        var seen = 0;

        await foreach (var batch in loader.ReadAsync(0, Token))
        {
            foreach (var target in batch.Targets)
            {
                var masks = target.Masks!;
                var (windows, starts, boxes) = (PlainBatch.Values<long>(masks.Windows), PlainBatch.Values<long>(masks.Starts), PlainBatch.Values<float>(target.Boxes));
                Assert.Equal((uint8, target.Boxes.shape[0]), (masks.Pixels.dtype, masks.Windows.shape[0]));
                long end = 0;
                for (var i = 0; i < starts.Length; i++, seen++)
                {
                    Assert.Equal(end, starts[i]);
                    Assert.Equal(
                        new float[] { windows[4 * i], windows[4 * i + 1], windows[4 * i] + windows[4 * i + 2], windows[4 * i + 1] + windows[4 * i + 3] },
                        boxes[(4 * i)..(4 * i + 4)]);
                    end += windows[4 * i + 2] * windows[4 * i + 3];
                }

                Assert.Equal(end, masks.Pixels.numel());
            }

            batch.Dispose();
            if (batch.Step == 5)
                break;
        }

        Assert.InRange(seen, 10, 36);
    }

    [Fact]
    public async Task What_no_image_covers_has_the_padding_value()
    {
        using var loader = TestScenes.Loader(Masked(2), new BatchOptions { Augmentation = Jitter with { Scale = (0.5, 0.5) }, BatchSize = 2, Masks = true });

        var batch = (await TestScenes.ReadAsync(loader, 0, 1, Token))[0];

        for (var i = 0; i < batch.Pixels.Length; i++)
            Assert.True(i % 64 < 32 || batch.Pixels[i] == 128);
    }

    [Fact]
    public async Task Shortest_sides_make_batches_as_large_as_their_largest_image()
    {
        ImageEntry[] images = [new(1, "a", 80, 50), new(2, "b", 50, 80), new(3, "c", 60, 60), new(4, "d", 200, 50)];
        var options = new Augmentation { Width = 96, Height = 64, Resize = TrainingResize.ShortestSide, ShortSides = [40], LongSide = 100, HorizontalFlip = 0 };
        using var loader = TestScenes.Loader(TestScenes.Dataset(images), options, batchSize: 4);

        await foreach (var batch in loader.ReadAsync(0, Token))
        {
            using (batch)
            {
                Assert.Equal([4, 3, 64, 128], batch.Images.shape);
                var valid = batch.ImageIds.Zip(batch.Targets, (id, target) => (id, target.Valid)).ToDictionary();
                Assert.Equal((64, 40), valid[1]);
                Assert.Equal((40, 64), valid[2]);
                Assert.Equal((40, 40), valid[3]);
                Assert.Equal((100, 25), valid[4]);
                var at = batch.ImageIds.ToList().IndexOf(4);
                Assert.Equal([25, 6.25f, 75, 12.5f], PlainBatch.Values<float>(batch.Targets[at].Boxes));
                Assert.Equal(0, batch.Images[at, .., 25.., ..].sum().item<float>());
            }

            break;
        }
    }

    [Fact]
    public async Task Pasting_is_a_function_of_the_step_and_changes_only_what_it_pastes()
    {
        var plain = new BatchOptions { Augmentation = Jitter, BatchSize = 2, Masks = true };
        var pasting = plain with { Augmentation = Jitter with { CopyPaste = new() { SmallArea = 0 } } };
        using var none = TestScenes.Loader(Masked(8), plain);
        using var one = TestScenes.Loader(Masked(8), pasting, workers: 1);
        using var two = TestScenes.Loader(Masked(8), pasting, workers: 3, cache: 0);

        var before = await TestScenes.ReadAsync(none, 0, 12, Token);
        var after = await TestScenes.ReadAsync(one, 0, 12, Token);
        var again = await TestScenes.ReadAsync(two, 5, 7, Token);

        Assert.Equivalent(after.Skip(5), again, strict: true);
        var untouched = 0;
        foreach (var (plainBatch, pasted) in before.Zip(after))
        {
            var half = plainBatch.Pixels.Length / 2;
            for (var i = 0; i < 2; i++)
            {
                var same = plainBatch.Pixels.AsSpan(i * half, half).SequenceEqual(pasted.Pixels.AsSpan(i * half, half));
                if (same)
                    Assert.Equal(plainBatch.Boxes[i], pasted.Boxes[i]);
                untouched += same ? 1 : 0;
            }
        }

        Assert.InRange(untouched, 5, 19); // one object an image: nothing is pasted in half of the cases
    }

    [Fact]
    public async Task Rare_categories_are_pasted_from_more_often_when_told_so()
    {
        // One image of sixteen has the rare category: with a threshold of 1 it comes 4 times where the others come once, 4 of 19 times in all.
        var dataset = Masked(16);
        dataset = new(dataset.Images, dataset.Categories, [dataset.GroundTruths[0] with { CategoryId = 10 }, .. dataset.GroundTruths.Skip(1)], "0") { Segmentations = dataset.Segmentations };
        var plain = new BatchOptions { Augmentation = Jitter with { Scale = (1, 1), CopyPaste = new() { SmallArea = 0 } }, BatchSize = 1, Masks = true };
        var often = plain with { Augmentation = plain.Augmentation with { CopyPaste = new() { SmallArea = 0, RepeatThreshold = 1 } } };
        using var before = TestScenes.Loader(dataset, plain);
        using var after = TestScenes.Loader(dataset, often);

        var few = await TestScenes.ReadAsync(before, 0, 400, Token);
        var many = await TestScenes.ReadAsync(after, 0, 400, Token);

        Assert.Equal(few.Select(batch => batch.ImageIds[0]), many.Select(batch => batch.ImageIds[0])); // the images themselves come as before
        Assert.InRange(Pasted(few), 0.02, 0.12);
        Assert.InRange(Pasted(many), 0.14, 0.30);

        // The share of the rare category (the first one) among objects on images that have the other.
        static double Pasted(IEnumerable<PlainBatch> batches)
        {
            long[] pasted = [.. batches.Where(batch => batch.ImageIds[0] != 100 && batch.Labels[0].Length > 0).Select(batch => batch.Labels[0][^1])];
            var rare = pasted.Count(label => label == 0);
            return rare / (0.5 * pasted.Length); // nothing is pasted in half of the cases
        }
    }

    [Fact]
    public async Task Masks_are_not_read_where_they_are_not_learnt()
    {
        var options = new BatchOptions { Augmentation = Augmentation.None(64, 64), BatchSize = 2 };
        using var loader = TestScenes.Loader(TestScenes.Dataset(TestScenes.Images(2, 64, 64)), options);

        await foreach (var batch in loader.ReadAsync(0, Token))
        {
            using (batch)
                Assert.All(batch.Targets, target => Assert.Null(target.Masks));
            break;
        }

        Assert.Equal(AnnotationParts.Boxes, options.Parts);
        Assert.Equal(AnnotationParts.Segmentations, (options with { Masks = true }).Parts);
        Assert.Equal(AnnotationParts.Segmentations, (options with { Augmentation = Jitter with { CopyPaste = new() } }).Parts);
    }

    [Fact]
    public void An_object_without_a_mask_is_refused_where_masks_are_learnt()
    {
        var plain = TestScenes.Dataset(TestScenes.Images(2, 64, 64));
        var table = new SegmentationTable();
        table.AddNone();
        table.AddNone();
        var options = new BatchOptions { Augmentation = Augmentation.None(64, 64), BatchSize = 2, Masks = true };

        var unread = Assert.Throws<InvalidInputException>(() => TestScenes.Loader(plain, options));
        var missing = Assert.Throws<InvalidInputException>(
            () => TestScenes.Loader(new Dataset(plain.Images, plain.Categories, plain.GroundTruths, "") { Segmentations = table }, options));

        Assert.Equal("the dataset was read without masks, which this training needs.", unread.Message);
        Assert.Equal("annotation 1000 has no mask, which this training needs: polygons or run lengths.", missing.Message);
    }

    [Fact]
    public async Task Empty_images_are_left_out_when_told_so()
    {
        var images = TestScenes.Images(6, 64, 64).ToArray();
        var dataset = TestScenes.Dataset(images, [.. images.Take(3).Select((image, i) => TestScenes.Truth(image, new(4, 4, 40, 40), crowd: i == 2))]);
        using var loader = TestScenes.Loader(
            dataset, new BatchOptions { Augmentation = Augmentation.None(64, 64), BatchSize = 2, Sampling = new SamplingOptions { SkipEmpty = true } });

        var batches = await TestScenes.ReadAsync(loader, 0, 3, Token);

        Assert.Equal(1, loader.StepsPerEpoch);
        Assert.All(batches, batch => Assert.Equal([100, 101], batch.ImageIds.Order()));
    }

    [Fact]
    public async Task Half_of_a_batch_are_pseudo_labelled_images_and_what_is_pasted_is_annotated()
    {
        var annotated = Masked(4);
        ImageEntry[] unlabelled = [.. Enumerable.Range(0, 10).Select(i => new ImageEntry(500 + i, $"u{i}.png", 64, 64))];
        var pseudo = PseudoLabels.Of(unlabelled, annotated.Categories, new DetectionTable());
        pseudo = new Dataset(pseudo.Images, pseudo.Categories, pseudo.GroundTruths, "") { Segmentations = new() };
        var options = new BatchOptions { Augmentation = Jitter with { CopyPaste = new() }, BatchSize = 4, Masks = true };
        using var loader = TestScenes.Loader(annotated, options, pseudo: pseudo);

        var batches = await TestScenes.ReadAsync(loader, 0, 10, Token);

        Assert.Equal(2, loader.StepsPerEpoch);
        Assert.All(batches, batch => Assert.All(batch.ImageIds.Take(2), id => Assert.InRange(id, 100, 103)));
        Assert.All(batches, batch => Assert.All(batch.ImageIds.Skip(2), id => Assert.InRange(id, 500, 509)));
        Assert.Equal(10, batches.Take(5).SelectMany(batch => batch.ImageIds.Skip(2)).Distinct().Count());
        Assert.Contains(batches, batch => batch.Boxes.Skip(2).Any(boxes => boxes.Length > 0)); // no annotation of their own
        var odd = Assert.Throws<InvalidInputException>(() => TestScenes.Loader(annotated, options with { BatchSize = 3 }, pseudo: pseudo));
        Assert.Equal("batch size: got 3, allowed even numbers, of which half are images with labels of a detector.", odd.Message);
    }

    [Fact]
    public void Pseudo_labels_are_the_detections_of_enough_score_with_their_masks()
    {
        ImageEntry[] images = [new(5, "a", 64, 64)];
        var table = new DetectionTable();
        table.Add(5, 7, 1, 2, 3, 4, 0.9);
        table.Add(5, 10, 5, 6, 7, 8, 0.4);

        var pseudo = PseudoLabels.Of(images, TestScenes.Categories, table);

        var truth = Assert.Single(pseudo.GroundTruths);
        Assert.Equal((5L, 7L, new Box(1, 2, 4, 6)), (truth.ImageId, truth.CategoryId, truth.Box));
        Assert.Equal(2, PseudoLabels.Of(images, TestScenes.Categories, table, minScore: 0.4).GroundTruths.Count);
        Assert.Equal(
            "detection #1 refers to image 5, which is not among the images to be labelled.",
            Assert.Throws<InvalidInputException>(() => PseudoLabels.Of([], TestScenes.Categories, table)).Message);
    }

    [Fact]
    public async Task Stages_are_timed()
    {
        using var loader = TestScenes.Loader(Masked(4), new BatchOptions { Augmentation = Jitter with { CopyPaste = new() }, BatchSize = 2, Masks = true }, cache: 0);

        await TestScenes.ReadAsync(loader, 0, 6, Token);
        var times = loader.Times.Take();

        Assert.Equal(Enum.GetValues<DataStage>(), times.Keys);
        Assert.All(times.Where(stage => stage.Key is not DataStage.Wait), stage => Assert.True(stage.Value > TimeSpan.Zero, stage.Key.ToString()));
        Assert.True(loader.Times.Take().Values.Sum(time => time.Ticks) < times.Values.Sum(time => time.Ticks));
    }

    /// <summary>Images with one object each, the rectangle of <see cref="TestScenes.Dataset(IEnumerable{ImageEntry})"/> as a polygon.</summary>
    private static Dataset Masked(int count)
    {
        var plain = TestScenes.Dataset(TestScenes.Images(count, 64, 64));
        var table = new SegmentationTable();
        foreach (var truth in plain.GroundTruths)
        {
            var box = truth.Box;
            table.AddPolygons([box.X1, box.Y1, box.X2, box.Y1, box.X2, box.Y2, box.X1, box.Y2], [8]);
        }

        return new(plain.Images, plain.Categories, plain.GroundTruths, "0") { Segmentations = table };
    }
}
