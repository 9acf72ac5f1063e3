using Serve.Eval;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class ImageSizeTests
{
    private static readonly Augmentation Large = new() { Width = 1024, Height = 1024, Resize = TrainingResize.Jitter, Scale = (0.1, 2), HorizontalFlip = 0 };

    [Theory]
    [InlineData(1, 1024, 768)]
    [InlineData(0.1, 102, 76)] // 76.5 rounds to even
    [InlineData(2, 2048, 1536)]
    public void Jitter_fits_the_image_into_the_rounded_target(double factor, int width, int height)
        => Assert.Equal((width, height), ImageSize.Jitter(640, 480, Large, factor));

    [Theory]
    [InlineData(640, 480, 800, 1067, 800)]   // 1066.67
    [InlineData(480, 640, 800, 800, 1067)]
    [InlineData(1000, 400, 800, 1333, 533)]  // the longer side is the limit: 533.2
    [InlineData(500, 375, 640, 853, 640)]    // 853.33
    public void Shortest_side_is_that_of_detectron2(int width, int height, int shortSide, int expectedWidth, int expectedHeight)
        => Assert.Equal((expectedWidth, expectedHeight), ImageSize.ShortestSide(width, height, shortSide, 1333));

    [Fact]
    public void Jittered_images_are_cropped_at_every_place_and_else_lie_at_the_top_left()
    {
        var placements = Draws(10_000, Large, 640, 480).ToList();

        Assert.All(placements, p => Assert.InRange(p.OffsetX, -1024, 0));
        Assert.All(placements, p => Assert.InRange(p.OffsetY, -512, 0));
        Assert.All(placements.Where(p => p.Width <= 1024), p => Assert.Equal(0, p.OffsetX));
        Assert.InRange(placements.Min(p => p.OffsetX), -1024, -950);
        Assert.InRange(placements.Min(p => p.OffsetY), -512, -470);
    }

    [Fact]
    public void Large_scale_jitter_is_uniform_in_the_factor()
    {
        var sides = Draws(10_000, Large, 500, 500).Select(p => p.Width / 1024.0).ToList();

        Assert.Equal(1.05, sides.Average(), 0.01);
        Assert.Equal(0.526, sides.Count(side => side > 1) / 10_000.0, 0.015);
    }

    [Fact]
    public void Every_short_side_comes_as_often()
    {
        var options = new Augmentation { Width = 1344, Height = 800, Resize = TrainingResize.ShortestSide, ShortSides = [640, 672, 704, 736, 768, 800] };

        var counts = Draws(6000, options, 640, 480).CountBy(p => p.Height).OrderBy(count => count.Key).ToList();

        Assert.Equal([640, 672, 704, 736, 768, 800], counts.Select(count => count.Key));
        Assert.All(counts, count => Assert.InRange(count.Value, 850, 1150));
    }

    [Fact]
    public void Short_sides_between_reach_both_ends()
    {
        var options = new Augmentation { Width = 1344, Height = 800, Resize = TrainingResize.ShortestSide, ShortSides = [480, 490], AnyShortSideBetween = true };

        var sides = Draws(1000, options, 640, 480).Select(p => p.Height).Distinct().Order();

        Assert.Equal(Enumerable.Range(480, 11), sides);
    }

    private static IEnumerable<Placement> Draws(int count, Augmentation options, int width, int height) => Enumerable.Range(0, count).Select(i =>
    {
        var random = new SplitMix64(1, i, 0);
        return Placement.Draw(width, height, options, ref random);
    });
}
