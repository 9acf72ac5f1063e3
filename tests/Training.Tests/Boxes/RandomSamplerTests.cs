using static TorchSharp.torch;

namespace Serve.Training.Boxes;

public sealed class RandomSamplerTests
{
    private static readonly RandomSampler Proposals = new(256, 0.5);

    [Theory]
    [InlineData(10, 10_000, 10, 246)]
    [InlineData(1000, 10_000, 128, 128)]
    [InlineData(1000, 20, 128, 20)]
    [InlineData(0, 300, 0, 256)]
    [InlineData(5, 0, 5, 0)]
    [InlineData(0, 0, 0, 0)]
    public void Positives_are_at_most_half_and_negatives_fill_up(int positives, int negatives, int positivesDrawn, int negativesDrawn)
    {
        using var scope = NewDisposeScope();
        var labels = cat([full(1, positives, 1L), full(1, negatives, 0L), full(1, 7, -1L)], 1).to_type(int8);

        var rows = Proposals.Sample(labels, seed: 3);

        Assert.Equal([1, 256], rows.Index.shape);
        Assert.Equal(positivesDrawn, rows.Positive.sum().item<long>());
        Assert.Equal(positivesDrawn + negativesDrawn, rows.Valid.sum().item<long>());
        var (index, positive, valid) = (rows.Index[0].data<long>().ToArray(), rows.Positive[0].data<bool>().ToArray(), rows.Valid[0].data<bool>().ToArray());
        Assert.Equal(Enumerable.Range(0, 256).Select(place => place < positivesDrawn), positive);
        Assert.Equal(Enumerable.Range(0, 256).Select(place => place < positivesDrawn + negativesDrawn), valid);
        Assert.Equal(positivesDrawn + negativesDrawn, index.Where((_, place) => valid[place]).Distinct().Count());
        Assert.All(Enumerable.Range(0, 256).Where(place => valid[place]), place => Assert.Equal(positive[place] ? 1 : 0, labels[0, index[place]].item<sbyte>()));
    }

    [Fact]
    public void Share_of_zero_draws_no_positives()
    {
        using var scope = NewDisposeScope();

        var rows = new RandomSampler(4, 0).Sample(tensor(new sbyte[] { 1, 0, 1, 0, 0 }).unsqueeze(0), seed: 1);

        Assert.Equal(0, rows.Positive.sum().item<long>());
        Assert.Equal(3, rows.Valid.sum().item<long>());
    }

    [Fact]
    public void Draw_of_an_image_depends_on_the_seed_and_not_on_the_other_images()
    {
        using var scope = NewDisposeScope();
        var (first, second) = (zeros(1, 2000, dtype: int8), ones(1, 2000, dtype: int8));

        var alone = Proposals.Sample(first, seed: 3);
        var together = Proposals.Sample(cat([first, second]), seed: 3);
        var other = Proposals.Sample(first, seed: 4);

        Assert.True(alone.Index[0].Equals(together.Index[0]));
        Assert.False(alone.Index[0].Equals(other.Index[0]));
    }

    // 4 of 16 rows, 2,000 times: chi-square of 15 degrees of freedom is above 37.7 once in a thousand; the seeds are fixed.
    [Fact]
    public void Every_row_is_drawn_as_often_as_another()
    {
        using var scope = NewDisposeScope();
        var sampler = new RandomSampler(4, 0.25);
        var counts = new double[16];

        for (var seed = 0; seed < 2000; seed++)
        {
            using var one = NewDisposeScope();
            foreach (var row in sampler.Sample(zeros(1, 16, dtype: int8), seed).Index.data<long>().ToArray())
                counts[row]++;
        }

        Assert.InRange(counts.Sum(count => Math.Pow(count - 500, 2) / 500), 0, 37.7);
    }

    [Fact]
    public void Trimming_leaves_the_rows_that_count_for_some_image()
    {
        using var scope = NewDisposeScope();
        var labels = stack([tensor(new sbyte[] { 0, -1, -1 }), tensor(new sbyte[] { 0, 1, -1 })]);

        var rows = Proposals.Sample(labels, seed: 1).TrimmedOnCpu();

        Assert.Equal([2, 2], rows.Index.shape);
        Assert.Equal([true, false, true, true], rows.Valid.data<bool>().ToArray());
    }
}
