using Serve.Eval.Datasets;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Data;

public class BatchPreviewTests
{
    [Fact]
    public void Boxes_and_masks_are_drawn_over_the_pixels_and_the_rest_is_left_as_it_is()
    {
        using var batch = new TrainingBatch(
            0,
            full([1, 3, 96, 128], 200f),
            [new(tensor(new float[] { 10, 40, 50, 80 }, [1, 4]), tensor(new long[] { 1 }), zeros(0, 4)) { Masks = InstanceMasks.Of([MaskWindow.Full(20, 50, 40, 70)]) }],
            [1]);

        var picture = Assert.Single(BatchPreview.Draw(batch, [new Category(1, "one"), new Category(2, "two")]));

        Assert.Equal((128, 96), (picture.Width, picture.Height));
        Assert.NotEqual(200, At(10, 60));                          // the box's left edge
        Assert.NotEqual(200, At(30, 60));                          // inside of the mask
        Assert.Equal((200, 200), (At(15, 60), At(100, 90)));       // between box and mask; elsewhere

        int At(int x, int y) => picture.Pixels[(y * 128 + x) * 3];
    }

    [Fact]
    public void An_image_without_objects_is_left_as_it_is()
    {
        using var batch = new TrainingBatch(0, full([2, 3, 32, 32], 17f), [Nothing(), Nothing()], [1, 2]);

        var pictures = BatchPreview.Draw(batch, []);

        Assert.Equal(2, pictures.Count);
        Assert.All(pictures, picture => Assert.All(picture.Pixels, value => Assert.Equal(17, value)));

        static DetectionTargets Nothing() => new(zeros(0, 4), zeros([0], int64), zeros(0, 4));
    }
}
