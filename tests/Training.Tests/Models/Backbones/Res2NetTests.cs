using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Backbones;

public sealed class Res2NetTests
{
    private static readonly BackboneOptions Res2Net50 = new() { Kind = BackboneKind.Res2Net, Norm = Norm.Batch, DeepStem = true, AveragePoolShortcut = true };

    // 25.72 million with a classifier of 1000 classes (2,049,000), as the authors' table says.
    [Fact]
    public void Parameter_count_is_that_of_the_published_network()
    {
        using var init = new Initialisation(1);
        using var body = Res2Net50.Create(init);

        Assert.InRange(body.parameters().Sum(parameter => parameter.numel()) + 2_049_000, 25_660_000, 25_780_000);
        Assert.Equal([256, 512, 1024, 2048], body.Channels);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    public void Block_is_that_of_plain_operators(bool isFirst, int stride)
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var block = new Res2NetBlock(new BlockShape(64, 16, stride), isFirst, LayerFactory.Convolutions(Norm.None, init));
        var state = block.state_dict();
        var x = randn(2, 64, 9, 12);

        var y = block.call(new TracedTensor(x)).Value;

        var parts = Convolve(x, "conv1", 1).relu().split([6, 6, 6, 6], 1);       // floor(16 * 26 / 64)
        var first = Convolve(parts[0], "convs.0", stride).relu();
        var second = Convolve(isFirst ? parts[1] : parts[1] + first, "convs.1", stride).relu();
        var third = Convolve(isFirst ? parts[2] : parts[2] + second, "convs.2", stride).relu();
        var last = isFirst ? nn.functional.avg_pool2d(parts[3], 3, stride, 1) : parts[3];
        var residual = Convolve(cat([first, second, third, last], 1), "conv3", 1);
        var shortcut = stride == 1 ? x : Convolve(x, "downsample.0", stride);
        Assert.True((residual + shortcut).relu().allclose(y, atol: 1e-4));

        Tensor Convolve(Tensor input, string name, long step)
        {
            var weight = state[$"{name}.weight"];
            var padding = (weight.shape[2] - 1) / 2;
            return nn.functional.conv2d(input, weight, state[$"{name}.bias"], strides: [step, step], padding: [padding, padding]);
        }
    }

    [Fact]
    public void Deformable_stages_have_offsets_and_start_as_plain_convolutions()
    {
        using var scope = NewDisposeScope();
        using Initialisation a = new(1), b = new(1);
        var small = Res2Net50 with { Width = 16 };
        using var plain = small.Create(a);
        using var deformable = (small with { DeformableStages = [5] }).Create(b);
        plain.eval();
        deformable.eval();
        var input = new TracedTensor(randn(1, 3, 64, 96));

        Assert.Equal(9, deformable.state_dict().Keys.Count(key => key.Contains("offset.weight", StringComparison.Ordinal)));
        Assert.All(deformable.state_dict().Keys.Where(key => key.Contains("offset", StringComparison.Ordinal)), key => Assert.StartsWith("layer4.", key, StringComparison.Ordinal));
        Assert.True(plain.call(input)[3].Value.allclose(deformable.call(input)[3].Value, rtol: 1e-3, atol: 1e-3));
    }

    [Fact]
    public void Options_that_do_not_fit_are_refused()
    {
        var faults = (Res2Net50 with { Depth = 18, Stride = StridePosition.On3x3, DeformableStages = [2] }).Faults("Backbone");

        Assert.Equal(
            [
                "Backbone.Depth is 18; allowed: 50 or 101 for Res2Net.",
                "Backbone.DeformableStages is 2; allowed: any of 3, 4, 5.",
                "Backbone.DeformableStages is 2; allowed: none, as depths below 50 have no bottlenecks.",
            ],
            faults);
    }
}
