using Serve.Training.Data;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tracing.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class MaskTargetsTests
{
    private static readonly long[][] Windows = [[3, 5, 40, 30], [20, 10, 11, 50], [0, 0, 64, 64], [60, 60, 4, 4]];

    // Whole bitmaps through RoIAlign, which is tested by itself. Bins within rounding of a half may fall to either side.
    [Theory]
    [InlineData(28)]
    [InlineData(7)]
    public void Crops_are_those_of_roi_align_on_whole_bitmaps(int size)
    {
        using var scope = NewDisposeScope();
        using var random = new Generator(3);
        var bitmaps = rand([4, 64, 64], generator: random).gt(0.4).to_type(float32);
        for (var i = 0; i < 4; i++)
        {
            var (x, y, width, height) = (Windows[i][0], Windows[i][1], Windows[i][2], Windows[i][3]);
            var inside = zeros(64, 64);
            inside.slice(0, y, y + height, 1).slice(1, x, x + width, 1).fill_(1);
            bitmaps[i] *= inside;
        }

        InstanceMasks[] masks = [TestMasks.Of(bitmaps[..2], Windows[..2]), TestMasks.Of(bitmaps[2..], Windows[2..])];
        var corners = rand([60, 2], generator: random) * 50;
        var boxes = cat([corners, (corners + rand([60, 2], generator: random) * 60).clamp(max: 64)], 1);
        var image = arange(60, dtype: int64) % 2;
        var owner = (arange(60, dtype: int64) % 4).ge(2).to_type(int64);

        var crops = MaskTargets.Crop(masks, full(2, 2, 64), boxes, image, owner, size);
        var means = RoiAlign.Pool([(bitmaps.unsqueeze(1), 1)], boxes, image * 2 + owner, zeros(60, dtype: int64), size, sampling: 0, aligned: true).squeeze(1);
        var isClear = (means - 0.5).abs().gt(1e-4);

        Assert.Equal([60, size, size], crops.shape);
        Assert.True(isClear.to_type(float32).mean().item<float>() > 0.9);
        Assert.Equal(0, crops.ne(means.ge(0.5).to_type(float32)).logical_and(isClear).sum().item<long>());
    }

    [Fact]
    public void Box_of_the_targets_own_size_gives_the_mask_itself()
    {
        using var scope = NewDisposeScope();
        var bitmap = rand(1, 64, 64).gt(0.5).to_type(float32);
        var masks = TestMasks.Of(bitmap, [0, 0, 64, 64]);

        var crop = MaskTargets.Crop([masks], full(1, 2, 64), tensor(new float[] { 10, 20, 38, 48 }, [1, 4]), zeros(1, dtype: int64), zeros(1, dtype: int64), 28);

        Assert.True(crop[0].Equals(bitmap[0].slice(0, 20, 48, 1).slice(1, 10, 38, 1)));
    }

    // At the border of the valid part the last pixels count on; beyond it, padding would pull them down.
    [Fact]
    public void Full_mask_is_full_up_to_the_border_of_the_valid_part()
    {
        using var scope = NewDisposeScope();
        var masks = TestMasks.Of(ones(1, 48, 32), [0, 0, 32, 48]);

        var crop = MaskTargets.Crop([masks], tensor(new float[] { 32, 48 }, [1, 2]), tensor(new float[] { 0, 0, 32, 48 }, [1, 4]), zeros(1, dtype: int64), zeros(1, dtype: int64), 28);

        Assert.True(crop.eq(1).all().item<bool>());
    }

    [Theory]
    [InlineData(5, 5, 5, 9)]
    [InlineData(40, 40, 60, 60)]
    public void Box_without_area_or_beside_the_mask_has_none(float x1, float y1, float x2, float y2)
    {
        using var scope = NewDisposeScope();
        var masks = TestMasks.Of(ones(1, 64, 64), [0, 0, 20, 20]);

        var crop = MaskTargets.Crop([masks], full(1, 2, 64), tensor(new[] { x1, y1, x2, y2 }, [1, 4]), zeros(1, dtype: int64), zeros(1, dtype: int64), 28);

        Assert.True(crop.eq(0).all().item<bool>());
    }

    // More than is looked up at once, in an order of sizes that is not that of the rows.
    [Fact]
    public void Large_and_small_boxes_keep_their_rows()
    {
        using var scope = NewDisposeScope();
        var masks = TestMasks.Of(ones(1, 1500, 1500), [0, 0, 1500, 1500]);
        var boxes = tensor(new float[] { 0, 0, 20, 20, 0, 0, 1500, 1500, 5, 5, 5, 5, 10, 10, 1400, 1400 }, [4, 4]);

        var crop = MaskTargets.Crop([masks], full(1, 2, 1500), boxes, zeros(4, dtype: int64), zeros(4, dtype: int64), 28);

        Assert.Equal([1, 1, 0, 1], crop.mean([1, 2]).data<float>());
    }

    [Fact]
    public void Only_the_result_outlives_the_call()
    {
        using var scope = NewDisposeScope();
        var masks = TestMasks.Of(ones(1, 64, 64), [0, 0, 20, 20]);
        var (sizes, boxes, places) = (full(1, 2, 64), tensor(new float[] { 0, 0, 20, 20 }, [1, 4]), zeros(1, dtype: int64));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        MaskTargets.Crop([masks], sizes, boxes, places, places, 28);

        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }
}
