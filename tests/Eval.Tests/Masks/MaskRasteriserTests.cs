using CsCheck;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

public class MaskRasteriserTests
{
    private readonly SegmentationTable table = new();
    private readonly RunLengths mask = new();

    [Fact]
    public void Several_polygons_are_one_mask()
        => RandomMasks.Size.SelectMany(size => RandomMasks.Polygon(size).Where(polygon => polygon.Length > 5).Array[1, 4].Select(polygons => (size, polygons))).Sample(input =>
        {
            var (rows, drawn) = (new SegmentationTable(), new RunLengths());
            rows.AddPolygons([.. input.polygons.SelectMany(polygon => polygon)], [.. input.polygons.Select(polygon => polygon.Length)]);
            new MaskRasteriser().Draw(rows, 0, input.size.Height, input.size.Width, drawn);
            var parts = input.polygons.Select(polygon => NaiveMask.OfPolygon(polygon, input.size.Height, input.size.Width)).ToArray();
            return NaiveMask.Of(drawn).Pixels.SequenceEqual(NaiveMask.From(input.size.Height, input.size.Width, (row, column) => parts.Any(part => part[row, column])).Pixels);
        }, iter: 200);

    [Fact]
    public void Run_lengths_have_a_size_of_their_own()
    {
        table.AddRunLengths("2100"u8, 3, 5);
        table.AddCounts([4, 0, 5], 3, 3);

        Draw(0);
        Assert.Equal((3, 5), (mask.Height, mask.Width));
        Assert.Equal([2u, 1u, 0u, 1u], mask.ToCounts());
        Draw(1);
        Assert.Equal((3, 3), (mask.Height, mask.Width));
        Assert.Equal([4u, 0u, 5u], mask.ToCounts());
    }

    [Fact]
    public void Polygons_behind_the_first_may_be_of_any_length()
    {
        table.AddPolygons([1, 1, 1, 4, 4, 4, 4, 1, 7, 7, 8, 8], [8, 0, 2, 2]);

        Draw(0);

        Assert.Equal(9, mask.Area);
    }

    [Fact]
    public void What_cannot_be_drawn_is_said()
    {
        table.AddNone();
        table.AddPolygons([], []);
        table.AddPolygons([1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 1e300], [6, 6]);
        table.AddRunLengths("5"u8, -0, 3);
        table.AddRunLengths("5"u8, 100_000, 100_000);
        table.AddCounts([5, 5], 3, 3);

        Assert.Equal("row 0: the segmentation is missing; a mask is polygons or run lengths.", Fault(0));
        Assert.Equal("row 1: the segmentation is an empty list; it must hold at least one polygon.", Fault(1));
        Assert.Equal("row 2: the segmentation has the coordinate 1E+300; it must be finite and at most 214748364 away from 0.", Fault(2));
        Assert.Equal("row 3: the segmentation does not hold the text form of run lengths that fit into its size, 0 x 3: characters '0' to 'o', and no more pixels than that.", Fault(3));
        Assert.Equal("row 4: the segmentation has the size 100000 x 100000; no side may be negative, and at most 4294967295 pixels are allowed.", Fault(4));
        Assert.Equal("row 5: the segmentation does not hold the text form of run lengths that fit into its size, 3 x 3: characters '0' to 'o', and no more pixels than that.", Fault(5));
    }

    [Fact]
    public void Polygons_need_the_size_of_the_image()
    {
        table.AddPolygons([1, 2, 3, 4, 5, 6], [6]);

        var fault = Assert.Throws<InvalidInputException>(() => new MaskRasteriser().Draw(table, 0, 0, 12, mask));

        Assert.Equal("row 0: the segmentation has to be drawn on an image of 0 x 12 pixels; the image needs a height and a width above 0 and at most 4294967295 pixels.", fault.Message);
    }

    private void Draw(int row) => new MaskRasteriser().Draw(table, row, 10, 12, mask);

    private string Fault(int row) => Assert.Throws<InvalidInputException>(() => Draw(row)).Message;
}
