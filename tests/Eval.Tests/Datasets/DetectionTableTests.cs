using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

public class DetectionTableTests
{
    [Fact]
    public void Append_adds_the_rows_of_another_table_after_its_own()
    {
        var first = Table(100);
        var second = Table(3);

        first.Append(second);

        Assert.Equal(103, first.Count);
        Assert.Equal([99, 0, 1, 2], first.ImageIds[99..]);
        Assert.Equal([0.5, 1.5, 2.5], first.Areas[100..]);
    }

    [Fact]
    public void Append_doubles_a_table_that_is_appended_to_itself()
    {
        var table = Table(3);

        table.Append(table);

        Assert.Equal([0, 1, 2, 0, 1, 2], table.ImageIds);
    }

    [Fact]
    public void Area_is_that_of_the_box_unless_given()
    {
        var table = new DetectionTable();

        table.Add(1, 1, 0, 0, -2, 3, 0.5);
        table.Add(1, 1, 0, 0, 2, 3, 0.5, 1.25);

        Assert.Equal([-6, 1.25], table.Areas);
    }

    private static DetectionTable Table(int rows)
    {
        var table = new DetectionTable();
        for (var i = 0; i < rows; i++)
            table.Add(i, 1, i, i, 1, 1, 0.5, i + 0.5);
        return table;
    }
}
