using CsCheck;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Pictures;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class SampleMakerTests
{
    private static readonly Gen<(ImageEntry Image, Box Box, Augmentation Options, long Epoch)> Cases =
        from width in Gen.Int[40, 300]
        from height in Gen.Int[40, 300]
        from x1 in Gen.Int[0, width - 20]
        from y1 in Gen.Int[0, height - 20]
        from w in Gen.Int[20, width - x1]
        from h in Gen.Int[20, height - y1]
        from canvasWidth in Gen.Int[3, 8]
        from canvasHeight in Gen.Int[3, 8]
        from lower in Gen.Double[0.4, 1.2]
        from spread in Gen.Double[0, 1]
        from placed in Gen.Bool
        from epoch in Gen.Long[0, 1000]
        select (
            new ImageEntry(1, "a.png", width, height),
            Box.FromCocoXywh(x1, y1, w, h),
            new Augmentation
            {
                Width = canvasWidth * 32,
                Height = canvasHeight * 32,
                HorizontalFlip = 0.5,
                VerticalFlip = 0.5,
                Scale = (lower, lower + spread),
                RandomPlacement = placed,
                MinVisible = 0,
            },
            epoch);

    [Fact]
    public void Box_follows_the_pixels_through_every_augmentation() => Cases.Sample(
        c =>
        {
            var canvas = new float[3 * c.Options.Width * c.Options.Height];

            var objects = Make(Maker(c.Image, c.Box, c.Options), c.Options, canvas, c.Epoch);

            var seen = Extent(canvas, c.Options);
            if (objects.Boxes.Count == 0)
            {
                Assert.True(seen.Width <= 1 || seen.Height <= 1, $"{seen} is seen, yet there is no box");
                return;
            }

            var box = Assert.Single(objects.Boxes);
            Assert.Equal(box.X1, seen.X1, 1.0);
            Assert.Equal(box.Y1, seen.Y1, 1.0);
            Assert.Equal(box.X2, seen.X2, 1.0);
            Assert.Equal(box.Y2, seen.Y2, 1.0);
        },
        iter: 400, threads: 1);

    [Fact]
    public void Box_and_pixels_are_those_of_the_image_when_nothing_is_changed()
    {
        var image = new ImageEntry(1, "a.png", 96, 64);
        var noise = TestScenes.Noise(image);
        var options = Augmentation.None(96, 64);
        var maker = Maker(image, new(10, 20, 30, 50), options, noise);
        var canvas = new float[3 * 96 * 64];

        var objects = Make(maker, options, canvas);

        Assert.Equal([new Box(10, 20, 30, 50)], objects.Boxes);
        Assert.Equal([.. Enumerable.Range(0, canvas.Length).Select(i => (float)noise.Pixels[i % (96 * 64) * 3 + i / (96 * 64)])], canvas);
    }

    [Fact]
    public void What_the_image_does_not_cover_stays_black_at_the_right_and_bottom_without_random_placement()
    {
        var image = new ImageEntry(1, "a.png", 64, 64);
        var white = TestScenes.Rectangle(64, 64, new(0, 0, 64, 64));
        var canvas = new float[3 * 96 * 64];

        Make(Maker(image, new(0, 0, 64, 64), Augmentation.None(96, 64), white), Augmentation.None(96, 64), canvas);

        for (var i = 0; i < canvas.Length; i++) Assert.Equal(i % 96 < 64 ? 255 : 0, canvas[i]);
    }

    [Fact]
    public void Colour_jitter_leaves_the_padding_black_and_the_values_in_range()
    {
        var image = new ImageEntry(1, "a.png", 64, 64);
        var options = Augmentation.None(96, 64) with { ColorJitter = (0.5, 0.5, 0.5, 0.1) };
        var maker = Maker(image, new(0, 0, 9, 9), options, TestScenes.Noise(image));
        var canvas = new float[3 * 96 * 64];

        Make(maker, options, canvas);

        Assert.All(canvas, v => Assert.InRange(v, 0, 255));
        Assert.Contains(canvas, v => v != MathF.Round(v));
        for (var i = 0; i < canvas.Length; i++) Assert.True(i % 96 < 64 || canvas[i] == 0);
    }

    [Fact]
    public void Scale_and_place_spread_over_their_whole_ranges()
    {
        var image = new ImageEntry(1, "a.png", 64, 64);
        var options = new Augmentation { Width = 64, Height = 64, Scale = (0.5, 2), MinVisible = 0 };
        Placement[] placements = [.. Enumerable.Range(0, 2000).Select(i =>
        {
            var random = new SplitMix64(1, i, 0);
            return Placement.Draw(64, 64, options, ref random);
        })];

        Assert.Equal(32, placements.Min(p => p.Width));
        Assert.Equal(128, placements.Max(p => p.Width));
        Assert.Equal(-64, placements.Min(p => p.OffsetX), 4.0);
        Assert.Equal(32, placements.Max(p => p.OffsetY), 4.0);
        Assert.InRange(placements.Count(p => p.FlipX), 900, 1100);
        Assert.DoesNotContain(placements, p => p.FlipY);
    }

    [Fact]
    public void A_picture_of_another_size_than_the_dataset_says_is_refused_with_its_name()
    {
        var maker = Maker(new(4, "cells/a.png", 64, 48), new(0, 0, 9, 9), Augmentation.None(64, 64), new Picture(48, 64, new byte[48 * 64 * 3]));

        var fault = Assert.Throws<InvalidInputException>(() => Make(maker, Augmentation.None(64, 64), new float[3 * 64 * 64]));

        Assert.Equal(
            "cells/a.png: the annotation file says 64 x 48 pixels (image 4), the picture has 48 x 64; its boxes would lie elsewhere.",
            fault.Message);
    }

    private static SampleMaker Maker(ImageEntry image, Box box, Augmentation options, Picture? picture = null)
    {
        var dataset = TestScenes.Dataset([image], [TestScenes.Truth(image, box)]);
        return new(
            dataset, new DatasetObjects(dataset), options, seed: 1, maxCacheBytes: 0,
            _ => picture ?? TestScenes.Rectangle(image.Width, image.Height, box), new(TimeProvider.System));
    }

    private static SampleObjects Make(SampleMaker maker, Augmentation options, float[] canvas, long epoch = 0)
    {
        var plan = maker.Plan(epoch, new(0, 0));
        maker.Paint(plan, new(options.Width, options.Height), canvas);
        return maker.Place(plan);
    }

    // The box around all pixels that are at least half white.
    private static Box Extent(float[] canvas, Augmentation options)
    {
        int x1 = int.MaxValue, y1 = int.MaxValue, x2 = 0, y2 = 0;
        for (var y = 0; y < options.Height; y++)
        {
            for (var x = 0; x < options.Width; x++)
            {
                if (canvas[y * options.Width + x] < 127.5f) continue;
                (x1, y1, x2, y2) = (Math.Min(x1, x), Math.Min(y1, y), Math.Max(x2, x + 1), Math.Max(y2, y + 1));
            }
        }

        return x1 == int.MaxValue ? default : new(x1, y1, x2, y2);
    }
}
