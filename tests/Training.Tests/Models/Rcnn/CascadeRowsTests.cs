using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class CascadeRowsTests
{
    private const long Background = 5;

    [Theory]
    [InlineData(0.5, 3)]
    [InlineData(0.6, 2)]
    [InlineData(0.7, 1)]
    public void Stages_see_fewer_objects_in_the_same_boxes_as_their_thresholds_rise(double threshold, long expected)
    {
        using var scope = NewDisposeScope();
        // A box of the ground truth's height and left edge has its width over the ground truth's as IoU.
        var boxes = TestBoxes.Of([0, 0, 55, 100], [0, 0, 65, 100], [0, 0, 75, 100]).unsqueeze(0);

        var rows = CascadeRows.Next(Rows(boxes), boxes, Targets([[0f, 0, 100, 100]]), threshold, removeTruth: true, Background);

        Assert.Equal(expected, rows.Positive.sum().item<long>());
        Assert.Equal(rows.Positive.data<bool>().ToArray().Select(positive => positive ? 4 : Background), rows.Labels.data<long>());
    }

    [Fact]
    public void Labels_turn_where_a_shift_leaves_six_tenths()
    {
        using var scope = NewDisposeScope();
        var boxes = stack([.. new float[] { 0, 10, 20, 25, 30 }.Select(shift => tensor(new[] { shift, 0, 100 + shift, 100 }))]).unsqueeze(0);

        var rows = CascadeRows.Next(Rows(boxes), boxes, Targets([[0f, 0, 100, 100]]), 0.6, removeTruth: false, Background);

        Assert.All(new[] { 1, 0.8182, 0.6667, 0.6, 0.5385 }.Zip(rows.Iou.data<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Equal([true, true, true, true, false], rows.Positive.data<bool>());
    }

    [Theory]
    [InlineData(true, new[] { false, false, true, false })]
    [InlineData(false, new[] { true, true, true, false })]
    public void Ground_truths_no_longer_count_where_that_is_wanted_and_empty_boxes_never(bool removeTruth, bool[] expected)
    {
        using var scope = NewDisposeScope();
        // A ground truth, a box equal to one, another box, and one that is moved out of the picture.
        var boxes = TestBoxes.Of([0, 0, 100, 100], [0, 0, 100, 100], [0, 0, 90, 100], [0, 0, 50, 50]).unsqueeze(0);
        var moved = TestBoxes.Of([0, 0, 99, 100], [0, 0, 99, 100], [0, 0, 95, 100], [300, 0, 350, 50]).unsqueeze(0);
        var rows = Rows(boxes) with
        {
            FromTruth = tensor(new[] { true, false, false, false }, [1, 4]),
            Iou = tensor(new[] { 1f, 1, 0.9f, 0.25f }, [1, 4]),
        };

        var next = CascadeRows.Next(rows, moved, Targets([[0f, 0, 100, 100]]), 0.6, removeTruth, Background);

        Assert.Equal(expected, next.Valid.data<bool>());
        Assert.Equal(expected, next.Positive.data<bool>());
        Assert.False(next.FromTruth.any().item<bool>());
        Assert.Equal(rows.Boxes.shape, next.Boxes.shape);
    }

    [Fact]
    public void Boxes_stay_in_the_valid_part_and_carry_no_gradient()
    {
        using var scope = NewDisposeScope();
        var moved = tensor(new float[] { -10, -20, 500, 600 }, [1, 1, 4]).requires_grad_();

        var rows = CascadeRows.Next(Rows(moved.detach()), moved, Targets([[0f, 0, 100, 100]]), 0.5, removeTruth: true, Background);

        Assert.Equal([0, 0, 200, 150], rows.Boxes.data<float>());
        Assert.False(rows.Boxes.requires_grad);
        Assert.False(rows.Iou.requires_grad);
    }

    [Fact]
    public void Image_without_objects_is_all_background()
    {
        using var scope = NewDisposeScope();
        var boxes = TestBoxes.Of([0, 0, 50, 50], [10, 10, 60, 60]).unsqueeze(0);

        var rows = CascadeRows.Next(Rows(boxes), boxes, Targets([]), 0.6, removeTruth: true, Background);

        Assert.Equal([Background, Background], rows.Labels.data<long>());
        Assert.True(rows.Valid.all().item<bool>());
        Assert.False(rows.Positive.any().item<bool>());
    }

    // A regressor that goes half of the way to the object.
    [Fact]
    public void Boxes_of_a_good_regressor_get_better_from_stage_to_stage()
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(5);
        var targets = Targets([[20f, 20, 80, 80], [100f, 30, 190, 140]]);
        var rows = Rows(targets.Boxes.index_select(1, arange(200, dtype: int64) % 2) + randn([1, 200, 4], generator: random) * 12);
        rows = CascadeRows.Next(rows, rows.Boxes, targets, 0.5, removeTruth: false, Background);
        var (ious, good) = (new List<double>(), new List<long>());
        foreach (var threshold in new[] { 0.5, 0.6, 0.7 })
        {
            ious.Add(rows.Iou.mean().item<float>());
            good.Add(rows.Iou.gt(0.7).sum().item<long>());
            var truths = targets.Boxes.gather(1, rows.Owner.unsqueeze(2).expand(-1, -1, 4));
            rows = CascadeRows.Next(rows, (rows.Boxes + truths) / 2, targets, threshold, removeTruth: false, Background);
        }

        Assert.Equal(ious.Order(), ious);
        Assert.Equal(good.Order(), good);
        Assert.True(good[2] > good[0]);
    }

    // One object an entry, all of class 4, in a picture whose valid part is 200 x 150.
    private static PaddedTargets Targets(float[][] boxes)
        => PaddedTargets.Of([new DetectionTargets(boxes.Length == 0 ? zeros(0, 4) : TestBoxes.Of(boxes), full(boxes.Length, 4, dtype: int64), zeros(0, 4)) { Valid = (200, 150) }], 160, 224, CPU);

    private static RoiSamples Rows(Tensor boxes)
    {
        var flags = zeros(1, boxes.shape[1], dtype: @bool);
        return new(boxes, zeros(1, boxes.shape[1], dtype: int64), zeros(1, boxes.shape[1], dtype: int64), flags, flags.logical_not(), flags, zeros(1, boxes.shape[1]));
    }
}
