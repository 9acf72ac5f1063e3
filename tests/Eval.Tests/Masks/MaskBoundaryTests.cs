using CsCheck;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

public class MaskBoundaryTests
{
    [Fact]
    public void The_boundary_is_what_erosion_takes_away()
        => Gen.Select(Gen.OneOf(RandomMasks.Blobs, RandomMasks.Size.SelectMany(size => RandomMasks.Runs(size)).Select(NaiveMask.Of)), Gen.Double[0.001, 0.15]).Sample((mask, ratio) =>
        {
            var boundary = Boundary(RandomMasks.Of(mask), ratio);
            var inner = mask.Erode(MaskBoundary.Distance(mask.Height, mask.Width, ratio)).Pixels;
            return NaiveMask.Of(boundary).Pixels.SequenceEqual(mask.Pixels.Zip(inner).Select(p => p.First && !p.Second)) && !boundary.HasEmptyRuns;
        }, iter: 150);

    [Fact]
    public void Runs_without_pixels_and_runs_that_end_early_change_nothing()
    {
        var mask = TestMasks.Of([20, 5, 0, 80, 0, 0, 0, 15, 10, 30, 4], 20, 20);
        var plain = TestMasks.Of([20, 100, 10, 30, 240], 20, 20);

        Assert.Equal(Boundary(plain, 0.05).ToCounts(), Boundary(mask, 0.05).ToCounts());
    }

    [Theory]
    [InlineData(480, 640, 0.02, 16)]
    [InlineData(427, 640, 0.02, 15)]
    [InlineData(10, 10, 0.02, 1)]
    [InlineData(3, 4, 0.5, 2)]
    [InlineData(3, 4, 0.7, 4)]
    public void The_distance_is_a_share_of_the_diagonal_rounded_to_even(int height, int width, double ratio, int distance)
        => Assert.Equal(distance, MaskBoundary.Distance(height, width, ratio));

    [Fact]
    public void The_border_of_the_image_is_a_boundary()
        => Assert.Equal([0u, 6u, 3u, 2u, 3u, 2u, 3u, 6u], Boundary(TestMasks.Of([0, 25], 5, 5), 0.1).ToCounts());

    private static RunLengths Boundary(RunLengths mask, double ratio)
    {
        var boundary = new RunLengths();
        new MaskBoundary().Find(mask, ratio, boundary);
        return boundary;
    }
}
