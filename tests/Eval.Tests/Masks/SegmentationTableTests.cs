using System.Text;
using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

public class SegmentationTableTests
{
    [Fact]
    public void Rows_come_back_as_they_were_added()
    {
        var table = new SegmentationTable();

        table.AddNone();
        table.AddRunLengths("061"u8, 2, 4);
        table.AddPolygons([0, 0.1, 2, 2, 0, 2, 1e-300, 5, 6, 7, 8, -0.0], [6, 6]);
        table.AddCounts([0, 6, 2], 2, 4);
        table.AddPolygons([], []);

        Assert.Equal([SegmentationKind.None, SegmentationKind.Text, SegmentationKind.Polygons, SegmentationKind.List, SegmentationKind.Polygons], Kinds(table));
        Assert.Equal("061", Encoding.ASCII.GetString(table.TextOf(1)));
        Assert.Equal((2, 4), table.SizeOf(1));
        Assert.Equal([[0, 0.1, 2, 2, 0, 2], [1e-300, 5, 6, 7, 8, -0.0]], Polygons(table, 2));
        Assert.Equal("062", Encoding.ASCII.GetString(table.TextOf(3)));
        Assert.Empty(Polygons(table, 4));
    }

    [Fact]
    public void Many_rows_without_a_mask_and_some_with_one_are_found_again()
    {
        var table = new SegmentationTable();
        for (var row = 0; row < 200_000; row++)
        {
            if (row % 1000 == 999)
                table.AddRunLengths(Encoding.ASCII.GetBytes(row.ToString(System.Globalization.CultureInfo.InvariantCulture)), row, 1);
            else
                table.AddNone();
        }

        Assert.All(Enumerable.Range(1, 200), n => Assert.Equal($"{(1000 * n) - 1}", Encoding.ASCII.GetString(table.TextOf((1000 * n) - 1))));
        Assert.Equal(SegmentationKind.None, table.KindOf(0));
        Assert.Equal(SegmentationKind.None, table.KindOf(199_998));
        Assert.Equal(200_000, table.Count);
    }

    [Fact]
    public void Appending_keeps_both_tables_as_they_are_and_writable()
    {
        var (one, two) = (Texts("1", "2"), Texts("3"));

        one.Append(two);
        two.AddRunLengths("4"u8, 1, 1);
        one.AddRunLengths("5"u8, 1, 1);
        one.Append(one);

        Assert.Equal(["1", "2", "3", "5", "1", "2", "3", "5"], AllTexts(one));
        Assert.Equal(["3", "4"], AllTexts(two));
    }

    [Fact]
    public void A_text_longer_than_a_block_is_kept()
    {
        var longText = new byte[3 << 20];
        longText.AsSpan().Fill((byte)'1');
        var table = Texts("2");

        table.AddRunLengths(longText, 5, 6);
        table.AddRunLengths("3"u8, 7, 8);

        Assert.True(table.TextOf(1).SequenceEqual(longText));
        Assert.Equal("3", Encoding.ASCII.GetString(table.TextOf(2)));
    }

    [Fact]
    public void Asking_a_row_for_what_it_is_not_says_what_it_is()
    {
        var table = Texts("1");
        table.AddNone();

        Assert.Equal("row 0: is Text; only a row of polygons has some.", Assert.Throws<InvalidOperationException>(() => table.PolygonsOf(0).Count).Message);
        Assert.Equal("row 1: is None; only a row of run lengths has a size and a text.", Assert.Throws<InvalidOperationException>(() => table.SizeOf(1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.KindOf(2));
    }

    [Fact]
    public void Lengths_that_do_not_fit_the_numbers_are_refused()
        => Assert.StartsWith("lengths: sum to 6, but there are 5 numbers.", Assert.Throws<ArgumentException>(() => new SegmentationTable().AddPolygons([1, 2, 3, 4, 5], [6])).Message, StringComparison.Ordinal);

    private static SegmentationTable Texts(params string[] texts)
    {
        var table = new SegmentationTable();
        foreach (var text in texts)
            table.AddRunLengths(Encoding.ASCII.GetBytes(text), 1, 1);
        return table;
    }

    private static string[] AllTexts(SegmentationTable table)
        => [.. Enumerable.Range(0, table.Count).Select(row => Encoding.ASCII.GetString(table.TextOf(row)))];

    private static SegmentationKind[] Kinds(SegmentationTable table) => [.. Enumerable.Range(0, table.Count).Select(table.KindOf)];

    private static List<double[]> Polygons(SegmentationTable table, int row)
    {
        var polygons = new List<double[]>();
        foreach (var polygon in table.PolygonsOf(row))
            polygons.Add(polygon.ToArray());
        return polygons;
    }
}
