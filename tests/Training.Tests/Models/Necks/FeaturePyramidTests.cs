using Serve.Training.Models;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Tests.Tracing;
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

    [Theory]
    [InlineData(PyramidForm.NoTopDown, 3_344_384)]
    [InlineData(PyramidForm.NoLateral, 2048 * 256 + 256 + 4 * 590_080)]
    [InlineData(PyramidForm.FinestOnly, 984_064 + 590_080)]
    public void What_is_left_out_has_no_parameters(PyramidForm form, long expected)
    {
        using var init = new Initialisation(1);
        using var neck = new NeckOptions { Form = form, Extra = ExtraLevels.None }.Create([256, 512, 1024, 2048], init);

        Assert.Equal(expected, neck.parameters().Sum(parameter => parameter.numel()));
    }

    // Which maps a change of C5 and of C2 is seen in.
    [Theory]
    [InlineData(PyramidForm.Full, new[] { true, true, true, true }, new[] { true, false, false, false })]
    [InlineData(PyramidForm.NoTopDown, new[] { false, false, false, true }, new[] { true, false, false, false })]
    [InlineData(PyramidForm.NoLateral, new[] { true, true, true, true }, new[] { false, false, false, false })]
    [InlineData(PyramidForm.FinestOnly, new[] { true }, new[] { true })]
    public void Levels_depend_on_the_maps_that_the_form_leaves_them(PyramidForm form, bool[] onCoarsest, bool[] onFinest)
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var neck = new NeckOptions { Channels = 16, Form = form, Extra = ExtraLevels.None }.Create([8, 16, 32, 64], init);
        var maps = Maps();
        var before = neck.call(maps);

        Assert.Equal(onCoarsest, Changed(neck.call([.. maps[..3], new(maps[3].Value + 1)])));
        Assert.Equal(onFinest, Changed(neck.call([new(maps[0].Value + 1), .. maps[1..]])));
        Assert.Equal(neck.Strides, before.Select(level => level.Stride));

        IEnumerable<bool> Changed(IReadOnlyList<FeatureLevel> after) => before.Zip(after, (a, b) => !a.Map.Value.Equals(b.Map.Value));
    }

    // Kernels without biases, and a scale and a shift for each of eight normalisations.
    [Fact]
    public void Normalised_pyramid_has_no_biases_but_shifts()
    {
        using var init = new Initialisation(1);
        using var neck = new NeckOptions { Norm = Norm.Group(exact: true) }.Create([256, 512, 1024, 2048], init);

        Assert.Equal(983_040 + 4 * 589_824 + 8 * 512, neck.parameters().Sum(parameter => parameter.numel()));
        Assert.Contains("lateral_norm.0.weight", neck.state_dict().Keys);
        Assert.Contains("output_norm.3.bias", neck.state_dict().Keys);
        Assert.DoesNotContain("lateral.0.bias", neck.state_dict().Keys);
    }

    [Theory]
    [InlineData(PyramidForm.Full)]
    [InlineData(PyramidForm.NoTopDown)]
    [InlineData(PyramidForm.NoLateral)]
    [InlineData(PyramidForm.FinestOnly)]
    public void Normalised_forms_export_as_they_compute(PyramidForm form)
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var neck = new NeckOptions { Channels = 16, Form = form, Extra = ExtraLevels.None, Norm = Norm.Group(4) }.Create([8, 16, 32, 64], init);

        OnnxParity.Check(x => [.. neck.call(x).Select(level => level.Map)], [[.. Maps().Select(map => map.Value)], [.. Maps().Select(map => map.Value[..1])]]);
    }

    [Fact]
    public void Relu_before_the_last_level_can_be_left_out()
    {
        using var scope = NewDisposeScope();
        using Initialisation first = new(1), second = new(1);
        var options = NeckOptions.Dense with { Channels = 16 };
        using Neck with = options.Create([8, 16, 32, 64], first), without = (options with { ReluBeforeLast = false }).Create([8, 16, 32, 64], second);
        var maps = Maps();

        var (a, b) = (with.call(maps), without.call(maps));

        Assert.True(a[3].Map.Value.Equals(b[3].Map.Value));
        Assert.False(a[4].Map.Value.Equals(b[4].Map.Value));
    }

    [Fact]
    public void Single_map_is_one_level_of_the_chosen_map()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        var options = new NeckOptions { Kind = NeckKind.SingleMap, Channels = 16, FirstLevel = 4, Extra = ExtraLevels.None };
        using var neck = options.Create([8, 16, 32, 64], init);
        var maps = Maps();

        var level = Assert.Single(neck.call(maps));

        Assert.Equal((16, [2, 16, 4, 6]), (level.Stride, level.Map.Value.shape));
        Assert.Equal([16], neck.Strides);
        Assert.Equal(32 * 16 + 16 + 16 * 16 * 9 + 16, neck.parameters().Sum(parameter => parameter.numel()));
        Assert.Empty(options.Faults("N"));
    }

    [Fact]
    public void Wrong_options_are_all_named()
        => Assert.Equal(
            [
                "N.Channels is 0; allowed: 1 or more.", "N.FirstLevel is 6; allowed: 2 to 5.", "N.Extra is MaxPool; allowed: None, as there is one level only.",
                "N.Form is NoLateral; allowed: Full, as there is no pyramid to leave something out of.", "N.Norm.Groups is 0; allowed: 1 or more.",
            ],
            new NeckOptions { Kind = NeckKind.SingleMap, Channels = 0, FirstLevel = 6, Form = PyramidForm.NoLateral, Norm = Norm.Group(0) }.Faults("N"));

    // C2..C5 of two images of 96 x 64 pixels.
    private static TracedTensor[] Maps()
        => [new(rand(2, 8, 16, 24)), new(rand(2, 16, 8, 12)), new(rand(2, 32, 4, 6)), new(rand(2, 64, 2, 3))];
}
