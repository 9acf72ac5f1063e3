using static TorchSharp.torch;

namespace Serve.Training.Optimization;

public sealed class WeightAverageTests
{
    [Theory]
    [InlineData(0, 0.1)]
    [InlineData(90, 0.91)]
    [InlineData(1_000_000, 0.99)]
    public void Decay_rises_to_its_full_value(long step, double expected) => Assert.Equal(expected, WeightAverage.DecayAt(0.99, step), 1e-12);

    [Fact]
    public void Average_starts_at_the_weights_and_follows_them()
    {
        using var scope = NewDisposeScope();
        using var source = nn.Linear(2, 2);
        using var average = nn.Linear(2, 2);
        var first = source.weight!.clone().detach();

        var averaging = new WeightAverage(source, average, decay: 0.99);
        using (no_grad())
            source.weight!.add_(1);
        averaging.Update(step: 0);

        Assert.True(allclose(average.weight!, first * 0.1 + (first + 1) * 0.9));
        Assert.True(average.weight!.requires_grad);
    }

    [Fact]
    public void Counters_of_batch_norm_are_copied_and_its_statistics_averaged()
    {
        using var scope = NewDisposeScope();
        using var source = nn.BatchNorm2d(1);
        using var average = nn.BatchNorm2d(1);
        var averaging = new WeightAverage(source, average, decay: 0.99);

        source.call(ones(2, 1, 2, 2) * 10);
        averaging.Update(step: 0);

        Assert.Equal(1, average.state_dict()["num_batches_tracked"].item<long>());
        Assert.Equal(0.9, average.state_dict()["running_mean"].item<float>(), 1e-5);
    }

    [Fact]
    public void Buffers_are_copied_where_only_weights_are_averaged()
    {
        using var scope = NewDisposeScope();
        using var source = nn.BatchNorm2d(1);
        using var average = nn.BatchNorm2d(1);
        var averaging = new WeightAverage(source, average, decay: 0.99, averageBuffers: false);

        source.call(ones(2, 1, 2, 2) * 10);
        using (no_grad())
            source.weight!.fill_(3);
        averaging.Update(step: 0);

        Assert.Equal(1, average.state_dict()["running_mean"].item<float>(), 1e-5);
        Assert.Equal(0.1 * 1 + 0.9 * 3, average.weight!.item<float>(), 1e-5);
    }
}
