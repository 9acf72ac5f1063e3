using CsCheck;
using Serve.Inference.Masks;
using Serve.Inference.Scenes.Drawing;
using Serve.Inference.Scenes.Masks;

namespace Serve.Inference.Tests.Masks;

public class MaskTests
{
    private const int Width = 9;
    private const int Height = 7;

    // Owner maps of three objects with ragged shapes.
    private static readonly Gen<int[]> Owners = Gen.Frequency((3, Gen.Const(0)), (2, Gen.Int[1, 3])).Array[Width * Height];

    [Fact]
    public void Find_gives_each_object_its_pixels_in_a_tight_window() => Owners.Sample(owners =>
    {
        var masks = BitMask.Find(owners, Width);

        Assert.Equal(owners.Where(o => o > 0).Distinct().Order(), masks.Keys.Order());
        foreach (var (owner, mask) in masks)
        {
            int[] expected = [.. owners.Index().Where(o => o.Item == owner).Select(o => o.Index)];
            int[] found = [.. Enumerable.Range(0, owners.Length).Where(i => mask.At(i % Width - mask.X, i / Width - mask.Y))];
            Assert.Equal(expected, found);
            Assert.Equal(expected.Length, mask.Area);
            Assert.Equal(expected.Min(i => i % Width), mask.X);
            Assert.Equal(expected.Max(i => i % Width) + 1, mask.X + mask.Width);
            Assert.Equal(expected.Min(i => i / Width), mask.Y);
            Assert.Equal(expected.Max(i => i / Width) + 1, mask.Y + mask.Height);
        }
    });

    [Fact]
    public void Run_lengths_read_back_to_the_mask() => Owners.Sample(owners =>
    {
        foreach (var (owner, mask) in BitMask.Find(owners, Width))
        {
            var counts = RunLengths.Of(mask, Width, Height);

            bool[] read = [.. counts.SelectMany((count, i) => Enumerable.Repeat(i % 2 == 1, count))];
            Assert.Equal(Width * Height, read.Length);
            Assert.DoesNotContain(0, counts.Skip(1));
            for (var i = 0; i < read.Length; i++) Assert.Equal(owners[i % Height * Width + i / Height] == owner, read[i]);
        }
    });

    [Fact]
    public void Contours_enclose_as_much_as_the_mask_holds() => Owners.Sample(owners =>
    {
        foreach (var (_, mask) in BitMask.Find(owners, Width))
            Assert.Equal(mask.Area, Contours.Follow(mask).Sum(l => Shapes.TwiceArea(l)) / 2);
    });

    [Fact]
    public void A_ring_has_an_outer_edge_and_a_hole()
    {
        var ring = Mask("###", "#.#", "###");

        var areas = Contours.Follow(ring).Select(l => Shapes.TwiceArea(l) / 2).Order();

        Assert.Equal([-1, 9], areas);
        Assert.Null(Outliner.TryOutline(ring));
    }

    [Fact]
    public void Pixels_that_touch_at_a_corner_are_two_pieces()
        => Assert.Equal(2, Outliner.TryOutline(Mask("#.", ".#"))!.Count);

    [Fact]
    public void A_small_mask_keeps_the_corners_of_its_pixels()
    {
        var polygon = Assert.Single(Outliner.TryOutline(Mask("##.", "##.", "###"))!);

        Assert.Equal([new(0, 0), new(2, 0), new(2, 2), new(3, 2), new(3, 3), new(0, 3)], polygon);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(30)]
    [InlineData(120)]
    public void A_large_mask_gets_few_corners_and_keeps_its_extent_and_area(double radius)
    {
        var area = new Area(0, 0, 300, 300);
        var coverage = Coverage.Of([Shapes.Circle(new(150.3, 149.6), radius, 200)], area);
        var canvas = new Canvas(300, 300);
        canvas.Own(coverage, 1);
        var mask = BitMask.Find(canvas.Owners, 300)[1];

        var polygon = Assert.Single(Outliner.TryOutline(mask)!);

        Assert.InRange(polygon.Length, 6, 20 + radius);
        Assert.Equal(mask.X, polygon.Min(p => p.X));
        Assert.Equal(mask.Y, polygon.Min(p => p.Y));
        Assert.Equal(mask.X + mask.Width, polygon.Max(p => p.X));
        Assert.Equal(mask.Y + mask.Height, polygon.Max(p => p.Y));
        Assert.Equal(1, Shapes.TwiceArea(polygon) / 2 / mask.Area, 0.03);
    }

    private static BitMask Mask(params string[] rows)
        => new(0, 0, rows[0].Length, rows.Length, [.. rows.SelectMany(r => r.Select(c => c == '#'))]);
}
