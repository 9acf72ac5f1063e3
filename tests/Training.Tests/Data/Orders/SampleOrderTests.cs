using Serve.Training.Data.Orders;

namespace Serve.Training.Tests.Data.Orders;

public class SampleOrderTests
{
    [Fact]
    public void Orders_are_functions_of_seed_epoch_and_stream()
    {
        int[] images = [.. Enumerable.Range(0, 50)];

        int[] first = Epoch(new(1, SampleStreamKind.Main, images, 5), 3);

        Assert.Equal(first, Epoch(new(1, SampleStreamKind.Main, images, 5), 3));
        Assert.NotEqual(first, Epoch(new(2, SampleStreamKind.Main, images, 5), 3));
        Assert.NotEqual(first, Epoch(new(1, SampleStreamKind.Main, images, 5), 4));
        Assert.NotEqual(first, Epoch(new(1, SampleStreamKind.Pasted, images, 5), 3));
        Assert.Equal(images, first.Order());
    }

    [Fact]
    public void Batches_hold_one_orientation_but_for_one_an_epoch()
    {
        int[] images = [.. Enumerable.Range(0, 43)];
        var order = new SampleOrder(1, SampleStreamKind.Main, images, 4, isWide: image => image % 3 == 0);

        for (var epoch = 0; epoch < 20; epoch++)
        {
            var batches = Epoch(order, epoch).Chunk(4).ToList();

            Assert.Equal(10, batches.Count);
            Assert.InRange(batches.Count(batch => batch.Select(image => image % 3 == 0).Distinct().Count() == 2), 0, 1);
            Assert.Equal(40, batches.SelectMany(batch => batch).Distinct().Count());
        }
    }

    [Fact]
    public void Repeat_factors_are_those_of_the_rarest_category_of_an_image()
    {
        // Category 0 is on all of 100 images, category 1 on one, category 2 (twice on it) on another.
        IEnumerable<int> LabelsOf(int image) => image switch { 0 => [0, 1], 1 => [0, 2, 2], _ => [0] };

        var factors = RepeatFactors.Of([.. Enumerable.Range(0, 100)], LabelsOf, threshold: 0.09);

        Assert.Equal(3, factors[0], 1e-12); // sqrt(0.09 / 0.01)
        Assert.Equal(3, factors[1], 1e-12);
        Assert.All(factors[2..], factor => Assert.Equal(1, factor));
    }

    [Fact]
    public void Images_come_as_often_as_their_factors_say_in_epochs_of_one_length()
    {
        double[] factors = [1, 2.5, 1, 3.25, 1];
        var order = new SampleOrder(1, SampleStreamKind.Main, [10, 11, 12, 13, 14], 1, factors);
        var counts = new Dictionary<int, int>();

        Assert.Equal(8, order.StepsPerEpoch); // of 8.75
        for (var epoch = 0; epoch < 4000; epoch++)
        {
            var keys = Keys(order, epoch);
            Assert.Equal(keys.Length, keys.Distinct().Count()); // each repetition has its own number
            Assert.InRange(keys.Count(key => key.Index == 11), 1, 3);
            foreach (var key in keys)
                counts[key.Index] = counts.GetValueOrDefault(key.Index) + 1;
        }

        // Three in four epochs have one image more than fits, which is dropped at random.
        Assert.Equal(2.5 / 8.75, counts[11] / 32_000.0, 0.01);
        Assert.Equal(3.25 / 8.75, counts[13] / 32_000.0, 0.01);
        Assert.Equal(1 / 8.75, counts[10] / 32_000.0, 0.01);
    }

    private static int[] Epoch(SampleOrder order, long epoch) => [.. Keys(order, epoch).Select(key => key.Index)];

    private static SampleKey[] Keys(SampleOrder order, long epoch)
        => [.. Enumerable.Range(0, order.StepsPerEpoch).SelectMany(step => order.Batch(epoch * order.StepsPerEpoch + step).Keys.ToArray())];
}
