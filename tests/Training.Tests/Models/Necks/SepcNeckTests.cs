using Serve.Training.Models;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Necks;

public sealed class SepcNeckTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Levels_have_a_map_for_classes_and_one_for_boxes(bool integratedNorm, bool deformable)
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var neck = (NeckOptions.Dense with { Kind = NeckKind.Sepc, Channels = 8, Sepc = new() { Layers = 2, IntegratedNorm = integratedNorm, Deformable = deformable } })
            .Create([4, 6, 8, 10], init);

        var levels = neck.call([Map(4, 25, 34), Map(6, 13, 17), Map(8, 7, 9), Map(10, 4, 5)]);

        Assert.Equal([8, 16, 32, 64, 128], levels.Select(level => level.Stride));
        Assert.Equal([[2, 8, 13, 17], [2, 8, 7, 9], [2, 8, 4, 5], [2, 8, 2, 3], [2, 8, 1, 2]], levels.Select(level => level.Map.Value.shape));
        Assert.All(levels, level => Assert.Equal(level.Map.Value.shape, level.BoxMap.Value.shape));
        Assert.All(levels, level => Assert.NotSame(level.Map, level.BoxMap));
    }

    // Each level: its own convolution, the finer level's with stride 2, the coarser one's upsampled; the same three for all levels.
    [Fact]
    public void Pyramid_convolution_is_that_of_loops()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var layer = new PyramidConvolution(3, isNormalised: false, init);
        var state = layer.state_dict();
        using (no_grad())
        {
            foreach (var value in state.Values)
                value.normal_(0, 0.5);
        }

        TracedTensor[] maps = [Map(3, 9, 12), Map(3, 5, 6), Map(3, 3, 3)];

        var results = layer.call(maps);

        for (var i = 0; i < 3; i++)
        {
            var sum = Convolve("mid", i, 1);
            if (i > 0)
                sum += Convolve("up", i - 1, 2);
            if (i < 2)
                sum += nn.functional.interpolate(Convolve("down", i + 1, 1), maps[i].Value.shape[2..], mode: InterpolationMode.Bilinear, align_corners: true);
            Assert.True(sum.relu().allclose(results[i].Value, atol: 1e-5));
        }

        Tensor Convolve(string name, int level, long stride)
            => nn.functional.conv2d(maps[level].Value, state[$"{name}.weight"], state[$"{name}.bias"], strides: [stride, stride], padding: [1, 1]);
    }

    [Fact]
    public void Integrated_normalisation_is_batch_normalisation_of_the_concatenation_in_training_and_one_affine_map_afterwards()
    {
        using var scope = NewDisposeScope();
        using var layer = new IntegratedNorm(3);
        using var plain = Norm.Batch.Create(3);
        TracedTensor[] maps = [Map(3, 4, 6), Map(3, 2, 3)];

        var trained = layer.call(maps);
        var expected = plain.call(new TracedTensor(cat([.. maps.Select(map => map.Value.flatten(2))], 2).unsqueeze(2))).Value.squeeze(2);

        Assert.True(cat([.. trained.Select(map => map.Value.flatten(2))], 2).allclose(expected, atol: 1e-6));
        Assert.True(layer.state_dict()["norm.running_mean"].allclose(plain.state_dict()["running_mean"]));

        layer.eval();
        plain.eval();
        var once = layer.call([maps[0]])[0].Value;
        Assert.True(once.allclose(plain.call(maps[0]).Value));
        Assert.True(once.allclose(layer.call(maps)[0].Value));
    }

    [Fact]
    public void Finest_level_is_not_deformed()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var neck = (NeckOptions.Dense with { Kind = NeckKind.Sepc, Channels = 8, Sepc = new() { Layers = 0, Deformable = true } }).Create([4, 6, 8, 10], init);
        TracedTensor[] input = [Map(4, 16, 16), Map(6, 8, 8), Map(8, 4, 4), Map(10, 2, 2)];
        var before = neck.call(input);

        using (no_grad())
            neck.state_dict()["classes.offset.bias"].fill_(0.7);
        var after = neck.call(input);

        Assert.True(before[0].Map.Value.allclose(after[0].Map.Value));
        Assert.False(before[1].Map.Value.allclose(after[1].Map.Value));
        Assert.True(before[1].BoxMap.Value.allclose(after[1].BoxMap.Value));
    }

    private static TracedTensor Map(int channels, int height, int width) => new(randn(2, channels, height, width));
}
