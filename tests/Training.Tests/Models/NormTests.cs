using Serve.Eval;
using Serve.Training.Models;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models;

public sealed class NormTests
{
    [Theory]
    [InlineData(64, 4)]
    [InlineData(256, 16)]
    public void Channels_of_a_group_can_be_given_in_place_of_groups(int channels, int groups)
        => Assert.Equal(groups, (Norm.Group() with { ChannelsPerGroup = 16 }).GroupsFor(channels));

    [Fact]
    public void Channels_that_cannot_be_divided_are_refused_where_that_is_wanted()
    {
        var exact = Assert.Throws<InvalidInputException>(() => Norm.Group(32, exact: true).Create(48));
        var size = Assert.Throws<InvalidInputException>(() => (Norm.Group() with { ChannelsPerGroup = 32 }).Create(48));

        Assert.Equal("norm: 48 channels cannot be divided into 32 groups; allowed are divisors of the channels, or exact = false for the largest divisor below.", exact.Message);
        Assert.Equal("norm: 48 channels cannot be divided into groups of 32; allowed are divisors of the channels.", size.Message);
        Assert.Equal(32, Norm.Group(32, exact: true).GroupsFor(64));
    }

    [Fact]
    public void Momentum_is_the_weight_of_a_new_batch()
    {
        using var scope = NewDisposeScope();
        using var layer = (Norm.Batch with { Momentum = 0.003 }).Create(2);

        layer.call(new TracedTensor(full(1, 2, 2, 2, 10)));

        Assert.Equal(0.03, layer.state_dict()["running_mean"][0].item<float>(), 1e-6);
    }

    [Fact]
    public void Without_normalisation_the_input_is_the_output_and_nothing_is_learnt()
    {
        using var scope = NewDisposeScope();
        using var layer = Norm.None.Create(2);
        var input = new TracedTensor(rand(1, 2, 3, 3));

        Assert.Same(input, layer.call(input));
        Assert.Empty(layer.state_dict());
    }

    [Fact]
    public void Numbers_out_of_range_are_all_named()
        => Assert.Equal(
            [
                "N.Groups is 0; allowed: 1 or more.", "N.ChannelsPerGroup is 0; allowed: 1 or more, or null.", "N.Momentum is 0; allowed: above 0 and up to 1.",
                "N.Epsilon is 1; allowed: between 0 and 1.",
            ],
            (Norm.Group(0) with { ChannelsPerGroup = 0, Momentum = 0, Epsilon = 1 }).Faults("N"));
}
