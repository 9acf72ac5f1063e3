using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

public class KeypointTableTests
{
    [Fact]
    public void Rows_come_back_as_they_were_added()
    {
        var random = new Random(1);
        var (table, expected) = (new KeypointTable(), new List<(double[] Values, int Labelled)>());
        for (var i = 0; i < 5000; i++)
            Add(table, expected, Row(random), random.Next(-1, 18));

        RequireSame(expected, table);
    }

    [Fact]
    public void Append_adds_the_rows_of_another_table_after_its_own()
    {
        var random = new Random(2);
        var (table, all) = (new KeypointTable(), new List<(double[], int)>());
        for (var part = 0; part < 30; part++)
        {
            var (other, rows) = (new KeypointTable(), new List<(double[], int)>());
            for (var i = random.Next(300); i > 0; i--)
                Add(other, rows, Row(random), i);
            table.Append(other);
            all.AddRange(rows);
        }
        table.Append(table);

        RequireSame([.. all, .. all], table);
    }

    [Fact]
    public void Table_is_used_again_after_it_was_emptied()
    {
        var random = new Random(3);
        var table = new KeypointTable();
        for (var round = 0; round < 5; round++)
        {
            table.Clear();
            var expected = new List<(double[], int)>();
            for (var i = 0; i < 3000; i++)
                Add(table, expected, Row(random), -1);
            RequireSame(expected, table);
        }
    }

    [Fact]
    public void Row_may_be_longer_than_a_block()
    {
        var values = Enumerable.Range(0, 300_000).Select(i => (double)i).ToArray();
        var (table, expected) = (new KeypointTable(), new List<(double[], int)>());

        Add(table, expected, [1, 2, 3], -1);
        Add(table, expected, values, -1);
        Add(table, expected, [4, 5, 0.1], -1);

        RequireSame(expected, table);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.1)]
    public void Rows_follow_a_long_one_whose_v_is_kept_once(double v)
    {
        var (table, expected) = (new KeypointTable(), new List<(double[], int)>());

        Add(table, expected, [.. Enumerable.Range(0, 150_000).Select(i => i % 3 == 2 ? v : i)], -1);
        for (var i = 0; i < 20_000; i++)
            Add(table, expected, [i, 2 * i, v], i);

        RequireSame(expected, table);
    }

    [Fact]
    public void Room_of_a_long_row_is_used_again()
    {
        var table = new KeypointTable();
        table.Add([.. Enumerable.Range(0, 150_000).Select(i => (double)i)]);
        table.Clear();
        var expected = new List<(double[], int)>();

        for (var i = 0; i < 3000; i++)
            Add(table, expected, [.. Enumerable.Range(i, 51).Select(value => (double)value)], -1);

        RequireSame(expected, table);
    }

    [Fact]
    public void Values_must_be_a_multiple_of_three()
        => Assert.Throws<ArgumentException>(() => new KeypointTable().Add([1, 2]));

    [Fact]
    public void Rows_are_counted()
        => Assert.Throws<ArgumentOutOfRangeException>(() => new KeypointTable().CountOf(0));

    // Float32 numbers, others, one v or several, zeros of either sign, no keypoints.
    private static double[] Row(Random random)
    {
        var (kind, v) = (random.Next(6), random.Next(3));
        var row = new double[KeypointTable.Values * random.Next(18)];
        for (var i = 0; i < row.Length; i++)
        {
            row[i] = kind switch
            {
                0 => random.NextDouble(),
                1 => -0.0,
                _ => (float)(random.NextDouble() * 640),
            };
            if (i % KeypointTable.Values == 2 && kind != 0)
                row[i] = kind < 4 ? v : kind == 4 ? random.Next(2) * -0.0 : 0.3;
        }
        return row;
    }

    private static void Add(KeypointTable table, List<(double[], int)> expected, double[] row, int labelled)
    {
        table.Add(row, labelled);
        expected.Add((row, labelled));
    }

    private static void RequireSame(List<(double[] Values, int Labelled)> expected, KeypointTable table)
    {
        Assert.Equal(expected.Count, table.Count);
        for (var row = 0; row < table.Count; row++)
        {
            var values = new double[KeypointTable.Values * table.CountOf(row)];
            table.CopyTo(row, values);
            Assert.True(expected[row].Values.AsSpan().SequenceEqual(values) && expected[row].Values.Zip(values).All(pair => double.IsNegative(pair.First) == double.IsNegative(pair.Second)), $"row {row}");
            Assert.Equal(expected[row].Labelled, table.LabelledOf(row));
        }
    }
}
