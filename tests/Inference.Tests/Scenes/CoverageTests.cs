using CsCheck;
using Serve.Inference.Scenes.Drawing;

namespace Serve.Inference.Tests.Scenes;

public class CoverageTests
{
    private static readonly Area Clip = new(0, 0, 20, 16);

    private static readonly Gen<Vec> Points = Gen.Select(Gen.Double[-6, 26], Gen.Double[-6, 22], (x, y) => new Vec(x, y));

    [Fact]
    public void A_rectangle_covers_the_exact_share_of_each_pixel()
    {
        var coverage = Coverage.Of([Shapes.Rectangle(1.25, 2.5, 4.5, 4)], Clip);

        Assert.Equal(new Area(1, 2, 5, 4), coverage.Area);
        Assert.Equal([0.375f, 0.5f, 0.5f, 0.25f], coverage.Row(2).ToArray());
        Assert.Equal([0.75f, 1, 1, 0.5f], coverage.Row(3).ToArray());
    }

    [Fact]
    public void A_triangle_covers_what_many_samples_say() => Gen.Select(Points, Points, Points).Sample(
        corners =>
        {
            Vec[] triangle = [corners.Item1, corners.Item2, corners.Item3];
            var coverage = Coverage.Of([triangle], Clip);

            for (var y = coverage.Area.Top; y < coverage.Area.Bottom; y++)
            {
                for (var x = coverage.Area.Left; x < coverage.Area.Right; x++)
                    Assert.Equal(Sampled(triangle, x, y), coverage.Row(y)[x - coverage.Area.Left], 0.06);
            }
        },
        iter: 200, threads: 1);

    [Fact]
    public void Outlines_that_go_the_same_way_unite_and_the_other_way_cut_a_hole()
    {
        Vec[] large = Shapes.Rectangle(0, 0, 8, 8), small = Shapes.Rectangle(2, 2, 4, 4);

        var union = Coverage.Of([large, small], Clip);
        var hole = Coverage.Of([large, [.. small.Reverse()]], Clip);

        Assert.Equal(64, Sum(union), 0.001);
        Assert.Equal(60, Sum(hole), 0.001);
    }

    [Fact]
    public void Nothing_is_covered_outside_of_the_clip_area()
    {
        Assert.Equal(20 * 16, Sum(Coverage.Of([Shapes.Rectangle(-50, -50, 90, 90)], Clip)), 0.001);
        Assert.Equal(0, Sum(Coverage.Of([Shapes.Rectangle(30, 2, 40, 9)], Clip)));
        Assert.Equal(0, Sum(Coverage.Of([Shapes.Rectangle(3, -9, 9, -2)], Clip)));
    }

    [Fact]
    public void Blur_spreads_the_coverage_and_keeps_its_sum()
    {
        var coverage = Coverage.Of([Shapes.Rectangle(9, 7, 11, 9)], Clip, margin: 6);

        coverage.Blur(2);

        Assert.Equal(4, Sum(coverage), 0.001);
        Assert.InRange(coverage.Row(8)[10 - coverage.Area.Left], 0.05f, 0.5f);
    }

    private static double Sum(Coverage coverage) =>
        Enumerable.Range(coverage.Area.Top, coverage.Area.Height).Sum(y => coverage.Row(y).ToArray().Sum(s => (double)s));

    private static double Sampled(Vec[] triangle, int x, int y)
    {
        const int steps = 24;
        var inside = 0;
        for (var i = 0; i < steps * steps; i++)
        {
            if (Contains(triangle, new(x + (i % steps + 0.5) / steps, y + (i / steps + 0.5) / steps))) inside++;
        }

        return inside / (double)(steps * steps);
    }

    private static bool Contains(Vec[] triangle, Vec point)
    {
        double[] sides = [.. Enumerable.Range(0, 3).Select(i => Cross(triangle[(i + 1) % 3] - triangle[i], point - triangle[i]))];
        return sides.All(s => s > 0) || sides.All(s => s < 0);
    }

    private static double Cross(Vec a, Vec b) => a.X * b.Y - a.Y * b.X;
}
