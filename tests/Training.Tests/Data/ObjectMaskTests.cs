using CsCheck;
using Serve.Eval;
using Serve.Eval.Masks;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class ObjectMaskTests
{
    private static readonly Gen<Placement> Placements =
        from width in Gen.Int[20, 120]
        from height in Gen.Int[20, 120]
        from x in Gen.Int[-15, 30]
        from y in Gen.Int[-15, 30]
        from flipX in Gen.Bool
        from flipY in Gen.Bool
        select new Placement(width, height, x, y, flipX, flipY);

    [Fact]
    public void Polygons_follow_the_box_through_every_placement() => Placements.Sample(
        placement => AssertFollows(Rectangle(10, 8, 34, 30), placement, tolerance: 1.01), iter: 300);

    [Fact]
    public void Run_lengths_follow_the_box_through_every_placement() => Placements.Sample(
        placement => AssertFollows(Runs(10, 8, 34, 30), placement, tolerance: 0.51), iter: 300);

    [Fact]
    public void A_mask_that_is_neither_moved_nor_scaled_is_that_of_the_evaluator()
    {
        var table = new SegmentationTable();
        double[] star = [5, 5, 20, 9, 38, 4, 30, 18, 36, 33, 19, 27, 4, 34, 11, 19];
        table.AddPolygons(star, [star.Length]);
        var expected = new RunLengths();
        new MaskRasteriser().Draw(table, 0, 40, 50, expected);

        var drawn = Draw(new(table, 0, 1), new(50, 40, 0, 0, false, false));

        Assert.Equal(expected.Area, drawn.Area);
        Assert.Equal(MaskWindow.Of(expected, (0, 0, 50, 40)).Pixels, drawn.Pixels);
    }

    [Fact]
    public void Flipped_run_lengths_are_the_mirror_image()
    {
        var mask = Runs(10, 8, 34, 30);

        var plain = Draw(mask, new(50, 40, 0, 0, false, false));
        var flipped = Draw(mask, new(50, 40, 0, 0, true, false));

        Assert.Equal(new(10, 8, 34, 30), plain.TightBox);
        Assert.Equal(new(16, 8, 40, 30), flipped.TightBox);
        Assert.Equal(plain.Area, flipped.Area);
    }

    [Fact]
    public void Several_polygons_are_one_mask()
    {
        var table = new SegmentationTable();
        table.AddPolygons([0, 0, 10, 0, 10, 10, 0, 10, 20, 0, 30, 0, 30, 10, 20, 10], [8, 8]);

        var drawn = Draw(new(table, 0, 1), new(50, 40, 0, 0, false, false));

        Assert.Equal(200, drawn.Area);
        Assert.False(drawn.Contains(15, 5));
    }

    [Fact]
    public void A_mask_that_cannot_be_drawn_names_its_annotation()
    {
        var table = new SegmentationTable();
        table.AddPolygons([1, 2], [2]);

        var fault = Assert.Throws<InvalidInputException>(() => Draw(new(table, 0, 77), new(50, 40, 0, 0, false, false)));

        Assert.StartsWith("annotation 77: its segmentation starts with a polygon of 2 numbers", fault.Message);
    }

    private static void AssertFollows(ObjectMask mask, Placement placement, double tolerance)
    {
        var moved = placement.Apply(new(10, 8, 34, 30), 50, 40);
        var (x1, y1, x2, y2) = placement.Visible(new(64, 48));
        var seen = new Box(Math.Clamp(moved.X1, x1, x2), Math.Clamp(moved.Y1, y1, y2), Math.Clamp(moved.X2, x1, x2), Math.Clamp(moved.Y2, y1, y2));

        var drawn = Draw(mask, placement);

        if (drawn.Area == 0)
        {
            Assert.True(seen.Width <= 2 * tolerance || seen.Height <= 2 * tolerance, $"{seen} is seen, yet the mask is empty");
            return;
        }

        Assert.Equal(seen.X1, drawn.TightBox.X1, tolerance);
        Assert.Equal(seen.Y1, drawn.TightBox.Y1, tolerance);
        Assert.Equal(seen.X2, drawn.TightBox.X2, tolerance);
        Assert.Equal(seen.Y2, drawn.TightBox.Y2, tolerance);
    }

    private static MaskWindow Draw(ObjectMask mask, Placement placement) => mask.Draw(new(1, "a.png", 50, 40), placement, new(64, 48), new());

    private static ObjectMask Rectangle(double x1, double y1, double x2, double y2)
    {
        var table = new SegmentationTable();
        table.AddPolygons([x1, y1, x2, y1, x2, y2, x1, y2], [8]);
        return new(table, 0, 1);
    }

    private static ObjectMask Runs(int x1, int y1, int x2, int y2)
    {
        var table = new SegmentationTable();
        var counts = new List<uint> { (uint)(x1 * 40 + y1) };
        for (var x = x1; x < x2; x++)
            counts.AddRange([(uint)(y2 - y1), (uint)(40 - y2 + y1)]);
        counts.RemoveAt(counts.Count - 1);
        table.AddCounts([.. counts], 40, 50);
        return new(table, 0, 1);
    }
}
