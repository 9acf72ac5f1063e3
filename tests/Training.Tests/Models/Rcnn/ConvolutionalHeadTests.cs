using Serve.Training.Models;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tests.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class ConvolutionalHeadTests
{
    private static readonly BoxHeadOptions Box = new() { Kind = BoxHeadKind.FourConvOneFc, Channels = 8, Width = 12, PoolSize = 3, Norm = Norm.Group(4) };
    private static readonly MaskHeadOptions Mask = new() { Convolutions = 2, Channels = 8, PoolSize = 4, Norm = Norm.Group(4) };

    [Fact]
    public void Box_head_with_group_normalisation_is_the_same_in_an_export_for_some_rows_one_and_none()
    {
        using var init = new Initialisation(1);
        using var head = new BoxHead(6, Box, init);

        OnnxParity.Check(head.call, [randn(3, 6, 3, 3), randn(1, 6, 3, 3), randn(0, 6, 3, 3)], 1e-4);
    }

    [Fact]
    public void Mask_head_with_group_normalisation_is_the_same_in_an_export_for_some_rows_one_and_none()
    {
        using var init = new Initialisation(1);
        using var head = new MaskHead(6, 3, Mask, init);

        OnnxParity.Check(head.call, [randn(3, 6, 4, 4), randn(1, 6, 4, 4), randn(0, 6, 4, 4)], 1e-4);
    }

    [Fact]
    public void Keys_are_convolutions_and_norms_then_what_follows()
    {
        using var init = new Initialisation(1);
        using var box = new BoxHead(6, Box, init);
        using var mask = new MaskHead(6, 3, Mask, init);

        Assert.Equal(["conv.0.weight", "conv.1.weight", "conv.2.weight", "conv.3.weight"], Parameters(box)[..4]);
        Assert.Equal(["norm.0.weight", "norm.0.bias"], Parameters(box)[4..6]);
        Assert.Equal(["fc.0.weight", "fc.0.bias"], Parameters(box)[^2..]);
        Assert.Equal(
            ["conv.0.weight", "conv.1.weight", "norm.0.weight", "norm.0.bias", "norm.1.weight", "norm.1.bias", "up.weight", "up.bias", "predictor.weight", "predictor.bias"],
            Parameters(mask));

        static string[] Parameters(nn.Module module) => [.. module.named_parameters().Select(entry => entry.name)];
    }

    [Fact]
    public void Convolutions_have_a_bias_where_no_shift_follows()
    {
        using var init = new Initialisation(1);
        using var plain = new BoxHead(6, Box with { Norm = null }, init);
        using var none = new BoxHead(6, Box with { Norm = Norm.Group() with { Kind = NormKind.None } }, init);
        using var group = new BoxHead(6, Box, init);

        Assert.Equal([true, true, false], new[] { plain, none, group }.Select(head => head.state_dict().ContainsKey("conv.0.bias")));
    }
}
