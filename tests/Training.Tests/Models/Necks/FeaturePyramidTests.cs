using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Necks;

public sealed class FeaturePyramidTests
{
    [Theory]
    [InlineData(2, ExtraLevels.None, new[] { 4, 8, 16, 32 })]
    [InlineData(2, ExtraLevels.MaxPool, new[] { 4, 8, 16, 32, 64 })]
    [InlineData(3, ExtraLevels.ConvolutionFromOutput, new[] { 8, 16, 32, 64, 128 })]
    [InlineData(5, ExtraLevels.MaxPool, new[] { 32, 64 })]
    public void Levels_are_those_of_the_options(int first, ExtraLevels extra, int[] strides)
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var neck = new NeckOptions { Channels = 16, FirstLevel = first, Extra = extra }.Create([8, 16, 32, 64], init);

        var levels = neck.call(Maps());

        Assert.Equal(strides, neck.Strides);
        Assert.Equal(strides, levels.Select(level => level.Stride));
        Assert.All(levels, level => Assert.Equal([2, 16, (64 + level.Stride - 1) / level.Stride, (96 + level.Stride - 1) / level.Stride], level.Map.Value.shape));
        Assert.All(levels, level => Assert.Same(level.Map, level.BoxMap));
    }

    [Fact]
    public void Pooled_level_is_every_second_cell_of_the_last_output()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var neck = new NeckOptions { Channels = 16 }.Create([8, 16, 32, 64], init);

        var levels = neck.call(Maps());

        Assert.True(levels[4].Map.Value.Equals(levels[3].Map.Value.slice(2, 0, 2, 2).slice(3, 0, 3, 2)));
    }

    // The count of a pyramid of 256 channels on a ResNet-50: Lin et al.'s, four levels and pooling.
    [Fact]
    public void Parameter_count_is_that_of_the_published_pyramid()
    {
        using var init = new Initialisation(1);
        using var neck = new NeckOptions().Create([256, 512, 1024, 2048], init);

        Assert.Equal(3_344_384, neck.parameters().Sum(parameter => parameter.numel()));
    }

    // C2..C5 of two images of 96 x 64 pixels.
    private static TracedTensor[] Maps()
        => [new(rand(2, 8, 16, 24)), new(rand(2, 16, 8, 12)), new(rand(2, 32, 4, 6)), new(rand(2, 64, 2, 3))];
}
