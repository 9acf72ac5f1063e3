using static TorchSharp.torch;

namespace Serve.Training.Boxes;

public sealed class BoxOverlapTests
{
    [Fact]
    public void Pairs_equal_a_plain_loop()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4);
        var (a, b) = (TestBoxes.Random(generator, 2, 5), TestBoxes.Random(generator, 2, 9));

        var (iou, inside) = (BoxOverlap.Iou(a, b), BoxOverlap.InsideShare(a, b));

        Assert.Equal([2, 5, 9], iou.shape);
        for (var image = 0; image < 2; image++)
        {
            foreach (var (i, first) in TestBoxes.Rows(a[image]).Index())
            {
                foreach (var (j, second) in TestBoxes.Rows(b[image]).Index())
                {
                    Assert.Equal(TestBoxes.Iou(first, second), iou[image, i, j].item<float>(), 1e-5);
                    Assert.Equal(TestBoxes.Intersection(first, second) / TestBoxes.Area(first), inside[image, i, j].item<float>(), 1e-5);
                }
            }
        }
    }

    [Fact]
    public void Boxes_without_area_overlap_nothing()
    {
        using var scope = NewDisposeScope();
        var point = TestBoxes.Of([3, 3, 3, 3]).unsqueeze(0);

        Assert.Equal(0, BoxOverlap.Iou(point, point).item<float>());
        Assert.Equal(0, BoxOverlap.InsideShare(point, TestBoxes.Of([0, 0, 9, 9]).unsqueeze(0)).item<float>());
    }

    [Theory]
    [InlineData(new float[] { 0, 0, 2, 2 }, new float[] { 0, 0, 2, 2 }, 1)]
    [InlineData(new float[] { 0, 0, 1, 1 }, new float[] { 1, 0, 2, 1 }, 0)]     // they touch: nothing is shared, nothing between
    [InlineData(new float[] { 0, 0, 1, 1 }, new float[] { 2, 0, 3, 1 }, -1 / 3.0)]
    [InlineData(new float[] { 0, 0, 2, 2 }, new float[] { 1, 1, 3, 3 }, 1 / 7.0 - 2 / 9.0)]
    public void Generalised_overlap_is_that_computed_by_hand(float[] a, float[] b, double expected)
    {
        using var scope = NewDisposeScope();

        Assert.Equal(expected, BoxOverlap.Giou(TestBoxes.Of(a), TestBoxes.Of(b)).item<float>(), 1e-6);
    }

    [Fact]
    public void Gradient_of_the_generalised_overlap_is_finite_for_boxes_without_area()
    {
        using var scope = NewDisposeScope();
        var boxes = TestBoxes.Of([3, 3, 3, 3], [0, 0, 4, 4]).requires_grad_(true);

        BoxOverlap.Giou(boxes, TestBoxes.Of([3, 3, 3, 3], [9, 9, 12, 12])).sum().backward();

        Assert.True(isfinite(boxes.grad!).all().item<bool>());
    }

    [Fact]
    public void Each_call_leaves_one_tensor_alive()
    {
        using var scope = NewDisposeScope();
        var a = TestBoxes.Of([0, 0, 4, 4]).unsqueeze(0);
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        BoxOverlap.Iou(a, a);
        BoxOverlap.InsideShare(a, a);
        BoxOverlap.Giou(a, a);

        Assert.Equal(before + 3, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
