using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Layers;
using Serve.Training.Tests.Tracing;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Onnx;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Backbones;

public sealed class ResNetTests
{
    private static readonly BackboneOptions Small = new() { Depth = 18, Width = 8, Norm = Norm.Batch };

    // Trunks without the classifier, as torchvision counts them; frozen statistics have no parameters: 2 x 26,560 less.
    [Theory]
    [InlineData(18, NormKind.Batch, 11_176_512)]
    [InlineData(34, NormKind.Batch, 21_284_672)]
    [InlineData(50, NormKind.Batch, 23_508_032)]
    [InlineData(50, NormKind.Group, 23_508_032)]
    [InlineData(50, NormKind.FrozenBatch, 23_454_912)]
    [InlineData(101, NormKind.Batch, 42_500_160)]
    public void Parameter_count_is_that_of_the_published_networks(int depth, NormKind norm, long expected)
    {
        using var body = Create(new() { Depth = depth, Norm = new Norm(norm) { Exact = true } });

        Assert.Equal(expected, body.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal(norm == NormKind.Group, !body.buffers().Any());
    }

    [Theory]
    [InlineData(34, false, false)]
    [InlineData(101, false, false)]
    [InlineData(50, true, true)]
    public void Maps_have_the_strides_and_channels_that_are_announced(int depth, bool deepStem, bool poolsShortcut)
    {
        using var scope = NewDisposeScope();
        using var body = Create(Small with { Depth = depth, DeepStem = deepStem, AveragePoolShortcut = poolsShortcut });

        var maps = body.call(new TracedTensor(rand(2, 3, 64, 96)));

        Assert.Equal(Backbone.Strides.Zip(body.Channels, (stride, channels) => new long[] { 2, channels, 64 / stride, 96 / stride }), maps.Select(map => map.Value.shape));
        Assert.Equal(depth >= 50 ? [32, 64, 128, 256] : new[] { 8, 16, 32, 64 }, body.Channels);
    }

    // Halving convolutions by kernel: of each of three stages, the block's own and its shortcut.
    [Theory]
    [InlineData(StridePosition.On3x3, 3, 3)]
    [InlineData(StridePosition.On1x1, 6, 0)]
    public void Stride_stands_where_the_options_say(StridePosition position, int ofOnes, int ofThrees)
    {
        using var body = Create(Small with { Depth = 50, Stride = position });
        body.eval();

        var graph = ModelProto.Parser.ParseFrom(OnnxParity.Trace(x => [.. body.call(x[0])], [zeros(1, 3, 64, 64)])).Graph;
        var halving = graph.Node.Where(node => node.OpType == "Conv" && Ints(node, "strides") == 2).Select(node => Ints(node, "kernel_shape")).ToList();

        Assert.Equal(ofOnes, halving.Count(size => size == 1));
        Assert.Equal(ofThrees, halving.Count(size => size == 3));

        static long Ints(NodeProto node, string name) => node.Attribute.Single(attribute => attribute.Name == name).Ints[0];
    }

    [Fact]
    public void Both_stride_positions_have_the_same_keys_and_shapes()
    {
        using var on3x3 = Create(Small with { Depth = 50 });
        using var on1x1 = Create(Small with { Depth = 50, Stride = StridePosition.On1x1 });

        Assert.Equal(Shapes(on3x3), Shapes(on1x1));

        static IEnumerable<string> Shapes(Backbone body) => body.state_dict().Select(entry => $"{entry.Key} {string.Join(',', entry.Value.shape)}");
    }

    [Theory]
    [InlineData(0, new string[] { })]
    [InlineData(1, new[] { "conv1", "bn1" })]
    [InlineData(2, new[] { "conv1", "bn1", "layer1" })]
    [InlineData(5, new[] { "conv1", "bn1", "layer1", "layer2", "layer3", "layer4" })]
    public void Frozen_stages_have_no_gradient_and_statistics_that_stand_still(int freezeAt, string[] frozen)
    {
        using var scope = NewDisposeScope();
        using var body = Create(Small with { FreezeAt = freezeAt });
        body.train();
        var before = body.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());

        body.call(new TracedTensor(rand(2, 3, 64, 64)));

        Assert.All(body.named_parameters(), entry => Assert.Equal(!IsFrozen(entry.name), entry.parameter.requires_grad));
        Assert.All(
            body.state_dict().Where(entry => entry.Key.EndsWith("running_mean", StringComparison.Ordinal)),
            entry => Assert.Equal(IsFrozen(entry.Key), entry.Value.Equals(before[entry.Key])));

        bool IsFrozen(string name) => frozen.Contains(name.Split('.')[0]);
    }

    [Fact]
    public void Deep_stem_and_pooled_shortcuts_export_as_they_compute()
    {
        using var scope = NewDisposeScope();
        using var body = Create(Small with { DeepStem = true, AveragePoolShortcut = true });
        body.eval();

        OnnxParity.Check(x => [.. body.call(x[0])], [[rand(1, 3, 64, 64)], [rand(3, 3, 96, 72)]], tolerance: 1e-3);

        Assert.Contains("stem.4.weight", body.state_dict().Keys);
        Assert.DoesNotContain("conv1.weight", body.state_dict().Keys);
    }

    [Fact]
    public void Without_normalisation_convolutions_have_a_bias()
    {
        using var body = Create(Small with { Norm = Norm.None });

        Assert.Contains("conv1.bias", body.state_dict().Keys);
        Assert.Contains("layer2.0.downsample.0.bias", body.state_dict().Keys);
        Assert.DoesNotContain("bn1.weight", body.state_dict().Keys);
    }

    [Fact]
    public void Wrong_options_are_all_named()
        => Assert.Equal(
            [
                "B.Depth is 20; allowed: 18, 34, 50 or 101.", "B.Width is 7; allowed: an even number.",
                "B.Stride is On1x1; allowed: On3x3, as depths below 50 have no 1x1 in their blocks.", "B.FreezeAt is 6; allowed: 0 to 5.",
                "B.ZeroInitResidual is True; allowed: false, as without normalisation there is no scale.",
            ],
            new BackboneOptions { Depth = 20, Width = 7, DeepStem = true, Stride = StridePosition.On1x1, FreezeAt = 6, Norm = Norm.None, ZeroInitResidual = true }.Faults("B"));

    private static Backbone Create(BackboneOptions options)
    {
        using var init = new Initialisation(1);
        return options.Create(init);
    }
}
