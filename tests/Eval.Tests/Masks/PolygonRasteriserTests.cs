using CsCheck;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

public class PolygonRasteriserTests
{
    [Fact]
    public void Polygons_are_drawn_as_the_outline_walked_step_by_step()
        => RandomMasks.Size.SelectMany(size => RandomMasks.Polygon(size).Select(polygon => (size, polygon))).Sample(
            input => NaiveMask.Of(Draw(input.polygon, input.size.Height, input.size.Width)).Pixels.SequenceEqual(
                NaiveMask.OfPolygon(input.polygon, input.size.Height, input.size.Width).Pixels), iter: 2000);

    [Fact]
    public void Runs_are_the_fewest_and_end_at_the_last_pixel()
        => RandomMasks.Size.SelectMany(size => RandomMasks.Polygon(size).Select(polygon => (size, polygon))).Sample(
            input =>
            {
                var mask = Draw(input.polygon, input.size.Height, input.size.Width);
                return !mask.HasEmptyRuns && mask.Ends[^1] == input.size.Height * input.size.Width;
            }, iter: 2000);

    [Fact]
    public void A_polygon_far_larger_than_the_image_covers_it()
    {
        const double Far = PolygonRasteriser.FarthestCoordinate;

        var mask = Draw([-Far, -Far, Far, -Far, Far, Far, -Far, Far], 480, 640);

        Assert.Equal([0u, 480 * 640], mask.Ends.ToArray());
    }

    [Fact]
    public void A_polygon_on_a_tall_narrow_image_and_on_a_wide_low_one_agrees_with_the_naive_drawing()
    {
        double[] polygon = [0.3, 1.7, 2999.2, 0.1, 1500, 2.9, 7.7, 2.2];
        double[] turned = [.. polygon.Chunk(2).SelectMany(point => point.Reverse())];

        Assert.Equal(NaiveMask.OfPolygon(polygon, 4, 3000).Pixels, NaiveMask.Of(Draw(polygon, 4, 3000)).Pixels);
        Assert.Equal(NaiveMask.OfPolygon(turned, 3000, 4).Pixels, NaiveMask.Of(Draw(turned, 3000, 4)).Pixels);
    }

    [Fact]
    public void Columns_that_are_passed_many_times_are_sorted()
    {
        double[] comb = [.. Enumerable.Range(0, 40).SelectMany(i => (double[])[0, i, 30, i + 0.5]), 30, 60, 0, 60];

        Assert.Equal(NaiveMask.OfPolygon(comb, 70, 30).Pixels, NaiveMask.Of(Draw(comb, 70, 30)).Pixels);
    }

    [Theory]
    [InlineData(new double[] { })]
    [InlineData(new[] { 3.0 })]
    [InlineData(new[] { 3.0, 4 })]
    [InlineData(new[] { 1.0, 1, 7, 7 })]
    [InlineData(new[] { 5.0, 5, 5, 5, 5, 5 })]
    [InlineData(new[] { 5.0, 0, 5, 9, 5, 3 })]
    public void A_polygon_without_an_inside_is_empty(double[] polygon)
        => Assert.Equal([100u], Draw(polygon, 10, 10).Ends.ToArray());

    [Fact]
    public void A_lone_last_number_is_left_out()
        => Assert.Equal(Draw([1, 1, 1, 8, 8, 8], 10, 10).Ends.ToArray(), Draw([1, 1, 1, 8, 8, 8, 99], 10, 10).Ends.ToArray());

    private static RunLengths Draw(double[] polygon, int height, int width)
    {
        var mask = new RunLengths();
        new PolygonRasteriser().Draw(polygon, height, width, mask);
        return mask;
    }
}
