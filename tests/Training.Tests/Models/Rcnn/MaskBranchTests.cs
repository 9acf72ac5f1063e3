using Serve.Eval;
using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Models;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tests.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class MaskBranchTests
{
    private static readonly MaskHeadOptions Small = new() { Channels = 8, Convolutions = 1 };

    // Four 3x3 of 256 channels, the transposed one, the predictor: the published head, whose normalisation replaces the four's biases by scale and shift.
    [Theory]
    [InlineData(false, 2_360_320 + 262_400 + 20_560)]
    [InlineData(true, 2_360_320 + 4 * 256 + 262_400 + 20_560)]
    public void Parameter_count_is_that_of_the_published_head(bool isNormalised, long expected)
    {
        using var init = new Initialisation(1);
        using var head = new MaskHead(256, 80, new() { Norm = isNormalised ? Norm.Group(exact: true) : null }, init);

        Assert.Equal(expected, head.parameters().Sum(parameter => parameter.numel()));
        Assert.DoesNotContain("up_norm.weight", head.state_dict().Keys);
    }

    [Fact]
    public void Head_doubles_the_map_for_each_class()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var head = new MaskHead(16, 3, Small with { Norm = Norm.Group(4) }, init);

        OnnxParity.Check(head.call, [rand(2, 16, 14, 14), rand(5, 16, 14, 14), rand(0, 16, 14, 14)], tolerance: 1e-5);

        Assert.Equal([2, 3, 28, 28], head.call(new(rand(2, 16, 14, 14))).Value.shape);
    }

    [Fact]
    public void First_loss_is_that_of_undecided_masks()
    {
        using var scope = NewDisposeScope();
        using var branch = Branch();
        var targets = Targets();

        var loss = branch.Loss(0, Levels(), Rows(true), targets, Sizes());

        Assert.Equal(Math.Log(2), loss.item<float>(), 0.01);
    }

    [Fact]
    public void Without_objects_the_loss_and_every_gradient_are_zero()
    {
        using var scope = NewDisposeScope();
        using var branch = Branch();

        var loss = branch.Loss(0, Levels(), Rows(false), Targets(), Sizes());
        loss.backward();

        Assert.Equal(0, loss.item<float>());
        Assert.All(branch.named_parameters(), entry => Assert.True(entry.parameter.grad!.eq(0).all().item<bool>(), entry.name));
    }

    [Fact]
    public void Batch_without_masks_is_refused()
    {
        using var scope = NewDisposeScope();
        using var branch = Branch();
        DetectionTargets[] targets = [.. Targets().Select(target => target with { Masks = null })];

        var fault = Assert.Throws<InvalidInputException>(() => branch.Loss(0, Levels(), Rows(true), targets, Sizes()));

        Assert.Equal("The detector learns masks, and the batch has none; allowed are datasets with a segmentation for each object.", fault.Message);
    }

    [Fact]
    public void Head_learns_the_half_that_is_wanted()
    {
        using var scope = NewDisposeScope();
        using var branch = Branch();
        using var optimizer = optim.Adam(branch.parameters(), lr: 0.02);
        // What tells left from right.
        FeatureLevel[] levels = [new(4, new(linspace(0, 4, 16).view(1, 1, 1, 16).expand(2, 16, 16, 16).contiguous()))];

        for (var step = 0; step < 200; step++)
        {
            using var ofStep = NewDisposeScope();
            optimizer.zero_grad();
            branch.Loss(0, levels, Rows(true), Targets(), Sizes()).backward();
            optimizer.step();
        }

        var found = branch.Detect(levels, new(Rows(true).Boxes[.., ..1]), new(tensor(new long[] { 1, 2 }, [2, 1]))).Value;

        Assert.True(found[0, 0].slice(1, 0, 10, 1).mean().item<float>() > 0.8, "left");
        Assert.True(found[0, 0].slice(1, 18, 28, 1).mean().item<float>() < 0.2, "right");
    }

    [Fact]
    public void Masks_are_those_of_the_detections_own_class_and_empty_rows_have_none()
    {
        using var scope = NewDisposeScope();
        using var branch = Branch(heads: 2);
        var boxes = tensor(new float[] { 0, 0, 30, 40, 5, 5, 60, 60, 0, 0, 0, 0, 8, 0, 30, 20, 0, 0, 0, 0, 0, 0, 0, 0 }, [2, 3, 4]);
        var labels = tensor(new long[] { 2, 0, -1, 1, -1, -1 }, [2, 3]);
        var none = full(2, 3, -1, dtype: int64);

        OnnxParity.Check(
            x => [branch.Detect([new(4, x[0])], x[1], x[2])],
            [[rand(2, 16, 16, 16), boxes, labels], [rand(1, 16, 16, 20), boxes[..1], labels[..1]], [rand(2, 16, 16, 16), boxes, none]]);

        var found = branch.Detect([new(4, new(rand(2, 16, 16, 16)))], new(boxes), new(labels)).Value;
        Assert.Equal([2, 3, 28, 28], found.shape);
        Assert.Equal([true, true, false, true, false, false], found.flatten(2).amax([2]).gt(0).flatten().data<bool>());
    }

    private static MaskBranch Branch(int heads = 1)
    {
        using var init = new Initialisation(1);
        return new MaskBranch(16, 3, Small, sampling: 2, DialectRules.Of(DetectionDialect.Detectron2), heads, init);
    }

    private static FeatureLevel[] Levels() => [new(4, new(rand(2, 16, 16, 16))), new(8, new(rand(2, 16, 8, 8)))];

    private static Tensor Sizes() => full(2, 2, 64);

    // Two images of 64 x 64 with an object each, of classes 1 and 2.
    private static DetectionTargets[] Targets() => [TestMasks.LeftHalves([1], [8, 8, 40, 40]), TestMasks.LeftHalves([2], [16, 4, 60, 44])];

    // Each object's own box and a background box; or the objects as background too.
    private static RoiSamples Rows(bool hasObjects)
    {
        var boxes = tensor(new float[] { 8, 8, 40, 40, 0, 0, 8, 8, 16, 4, 60, 44, 0, 50, 12, 64 }, [2, 2, 4]);
        var positive = tensor(new[] { hasObjects, false, hasObjects, false }, [2, 2]);
        var labels = where(positive, tensor(new long[] { 1, 3, 2, 3 }, [2, 2]), 3L);
        return new(boxes, labels, zeros(2, 2, dtype: int64), positive, ones(2, 2, dtype: @bool), zeros(2, 2, dtype: @bool), positive.to_type(float32));
    }
}
