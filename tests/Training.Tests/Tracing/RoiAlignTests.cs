using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Tracing;

public sealed class RoiAlignTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly Generator generator = new(7);

    public void Dispose()
    {
        scope.Dispose();
        generator.Dispose();
    }

    public static TheoryData<bool, int> Conventions => new() { { true, 0 }, { true, 2 }, { true, 3 }, { false, 0 }, { false, 2 } };

    [Theory]
    [InlineData(true, 2, new[] { 2.5f, 4.5f })]
    [InlineData(false, 2, new[] { 3f, 5f })]
    [InlineData(true, 0, new[] { 2.5f, 4.5f })]
    [InlineData(false, 0, new[] { 3f, 5f })]
    public void A_slope_gives_the_bins_centres(bool aligned, int sampling, float[] expected)
    {
        var map = arange(8, dtype: float32).expand(1, 1, 8, 8);

        var pooled = Pool(map, tensor(new float[] { 2, 2, 6, 6 }).view(1, 4), size: 2, stride: 1, sampling, aligned);

        Assert.Equal([.. expected, .. expected], pooled.data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public void A_bilinear_function_is_met_at_the_bins_centres(bool aligned, int sampling)
    {
        var (y, x) = (arange(16, dtype: float32).view(16, 1), arange(16, dtype: float32).view(1, 16));
        var map = (1 + x * 2 - y * 3 + x * y * 0.5f).view(1, 1, 16, 16);
        var box = new[] { 6.2f, 9.1f, 20.5f, 26.3f };

        var pooled = Pool(map, tensor(box).view(1, 4), size: 3, stride: 2, sampling, aligned);

        for (var row = 0; row < 3; row++)
        {
            for (var column = 0; column < 3; column++)
            {
                var centreX = (box[0] + (box[2] - box[0]) * (column + 0.5) / 3) / 2 - (aligned ? 0.5 : 0);
                var centreY = (box[1] + (box[3] - box[1]) * (row + 0.5) / 3) / 2 - (aligned ? 0.5 : 0);
                Assert.Equal(1 + centreX * 2 - centreY * 3 + centreX * centreY * 0.5, pooled[0, 0, row, column].item<float>(), 1e-4);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Boxes_are_pooled_alike_in_the_export(bool aligned, int sampling)
        => OnnxParity.Check(
            x => [RoiAlign.Pool(x[0], x[1], x[2], size: 3, stride: 4, sampling, aligned)],
            [
                [Maps(1, 5, 12, 10), Boxes(1), zeros(1, dtype: int64)],
                [Maps(3, 5, 9, 16), Boxes(200), randint(3, [200], dtype: int64, generator: generator)],
                [Maps(3, 5, 9, 16), Odd, tensor(new long[] { 0, 1, 2, 0, 1, 2, 0, 1 })],
                [Maps(3, 5, 9, 16), zeros(0, 4), zeros(0, dtype: int64)],
            ],
            1e-5);

    [Theory]
    [MemberData(nameof(Conventions))]
    public void All_levels_at_once_are_the_levels_one_by_one(bool aligned, int sampling)
    {
        (Tensor Map, int Stride)[] levels = [(Maps(2, 5, 16, 20), 4), (Maps(2, 5, 8, 10), 8), (Maps(2, 5, 4, 5), 16)];
        var boxes = Boxes(60);
        var (images, level) = (randint(2, [60], dtype: int64, generator: generator), randint(3, [60], dtype: int64, generator: generator));

        var pooled = RoiAlign.Pool(levels, boxes, images, level, size: 3, sampling, aligned);

        for (var i = 0; i < 60; i++)
        {
            var alone = RoiAlign.Pool([levels[level[i].item<long>()]], boxes[i..(i + 1)], images[i..(i + 1)], zeros(1, dtype: int64), size: 3, sampling, aligned);
            Assert.InRange((pooled[i] - alone[0]).abs().max().item<float>(), 0, 1e-6f);
        }
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Values_are_those_of_loops(bool aligned, int sampling)
    {
        var (map, boxes) = (Maps(1, 2, 9, 12), cat([Boxes(40), Odd]));

        var pooled = Pool(map, boxes, size: 3, stride: 4, sampling, aligned);

        for (var i = 0; i < boxes.shape[0]; i++)
            Assert.Equal(Naive(map, boxes[i].data<float>().ToArray(), 3, 4, sampling, aligned), pooled[i].data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Tensors_of_cells_give_what_lists_of_cells_give(bool aligned, int sampling)
    {
        RoiMap[] maps = [new(2, 16, 20, 4), new(2, 8, 10, 8)];
        var (rows, boxes) = (Maps(2 * (16 * 20 + 8 * 10), 5), cat([Boxes(60), Odd]));
        var (images, level) = (randint(2, [68], dtype: int64, generator: generator), randint(2, [68], dtype: int64, generator: generator));

        var lists = RoiTaps.Of(maps, boxes, images, level, size: 3, sampling, aligned);
        var tensors = RoiTapTensors.Of(maps, boxes, images, level, size: 3, sampling, aligned);

        var (a, b) = (RowSums.Weighted(rows, lists.Index, lists.Weights, lists.Starts), RowSums.Weighted(rows, tensors.Index, tensors.Weights, tensors.Starts));
        Assert.Equal(a.shape, b.shape);
        Assert.InRange((a - b).abs().max().item<float>(), 0, 1e-5f);
        Assert.True(lists.Index.numel() < tensors.Index.numel());
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public void A_box_outside_gives_zeros_and_so_does_one_without_area_where_samples_are_counted_by_cells(bool aligned, int sampling)
    {
        var boxes = tensor(new float[] { 100, 2, 120, 20, -80, -80, -20, -20, 12, 12, 12, 12 }).view(3, 4);

        var pooled = Pool(ones(1, 1, 8, 8), boxes, size: 2, stride: 4, sampling, aligned);

        Assert.Equal(0, pooled[..2].abs().max().item<float>());
        Assert.Equal(aligned && sampling == 0 ? 0 : 1, pooled[2].max().item<float>(), 1e-6f);
    }

    [Theory]
    [MemberData(nameof(Conventions))]
    public void Gradient_is_that_of_finite_differences(bool aligned, int sampling)
    {
        const float Step = 0.5f; // the result is linear in the map, so any step is exact up to rounding
        var boxes = tensor(new float[] { 3, 5, 22, 17, 0.5f, 0, 32, 32, -6, 20, 9, 40 }).view(3, 4);
        var (map, g) = (Maps(1, 1, 8, 8).requires_grad_(), Maps(3, 1, 2, 2));

        Pool(map, boxes, size: 2, stride: 4, sampling, aligned).backward([g]);

        for (var cell = 0; cell < 64; cell++)
        {
            using var _ = no_grad();
            var moved = map.detach().clone();
            moved.view(-1)[cell] = moved.view(-1)[cell] + Step;
            var difference = ((Pool(moved, boxes, 2, 4, sampling, aligned) - Pool(map, boxes, 2, 4, sampling, aligned)) * g).sum() / Step;
            Assert.Equal(difference.item<float>(), map.grad!.view(-1)[cell].item<float>(), 1e-4);
        }
    }

    // Continuous coordinates have no favoured side: x becomes width - x.
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_mirrored_map_and_box_give_mirrored_bins(int sampling)
    {
        var map = Maps(1, 3, 8, 8);
        var (box, mirrored) = (tensor(new float[] { 5, 3, 22, 17 }).view(1, 4), tensor(new float[] { 32 - 22, 3, 32 - 5, 17 }).view(1, 4));

        var expected = Pool(map, box, size: 3, stride: 4, sampling, aligned: true).flip(3);
        var actual = Pool(map.flip(3), mirrored, size: 3, stride: 4, sampling, aligned: true);

        Assert.InRange((expected - actual).abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void No_boxes_give_no_rows_and_a_gradient_of_zeros()
    {
        var map = Maps(2, 5, 8, 8).requires_grad_();

        var pooled = RoiAlign.Pool([(map, 4)], zeros(0, 4), zeros(0, dtype: int64), zeros(0, dtype: int64), size: 7, sampling: 0, aligned: true);
        pooled.sum().backward();

        Assert.Equal([0, 5, 7, 7], pooled.shape);
        Assert.Equal(0, map.grad!.abs().max().item<float>());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)]
    public void A_box_that_is_no_number_or_huge_reads_nothing_outside_the_map(float number)
    {
        var boxes = tensor(new[] { number, 2, number, 20, -number, 2, number, 20, 0, 0, 8, 8 }).view(3, 4);

        foreach (var sampling in new[] { 0, 2 })
        {
            var pooled = Pool(ones(1, 1, 8, 8), boxes, size: 2, stride: 4, sampling, aligned: true);

            Assert.Equal([1f, 1, 1, 1], pooled[2].data<float>().ToArray());
        }
    }

    [Fact]
    public void A_box_far_larger_than_the_map_is_the_mean_of_its_samples()
    {
        var boxes = tensor(new float[] { -4e5f, -4e5f, 4e5f, 4e5f, -3000, 2, 3000, 20 }).view(2, 4);
        var map = Maps(1, 2, 9, 12);

        var pooled = Pool(map, boxes[1..], size: 3, stride: 4, sampling: 0, aligned: true);

        Assert.Equal(Naive(map, boxes[1].data<float>().ToArray(), 3, 4, 0, true), pooled[0].data<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-4);
        Assert.InRange(Pool(map, boxes[..1], size: 3, stride: 4, sampling: 0, aligned: true).abs().max().item<float>(), 0, 1e-4f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void One_call_leaves_one_tensor(int sampling)
    {
        var (map, boxes, images) = (Maps(2, 5, 8, 8).requires_grad_(), Boxes(10), zeros(10, dtype: int64));
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var pooled = RoiAlign.Pool([(map, 4)], boxes, images, images, size: 3, sampling, aligned: true);

        Assert.Equal(before + 1, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal([10, 5, 3, 3], pooled.shape);
    }

    private static Tensor Pool(Tensor map, Tensor boxes, int size, int stride, int sampling, bool aligned)
    {
        var zero = zeros(boxes.shape[0], dtype: int64);
        return RoiAlign.Pool([(map, stride)], boxes, zero, zero, size, sampling, aligned);
    }

    private static float[] Naive(Tensor map, float[] box, int size, int stride, int sampling, bool aligned)
    {
        var (channels, height, width) = (map.shape[1], (int)map.shape[2], (int)map.shape[3]);
        var values = new float[channels * size * size];
        var offset = aligned ? 0.5f : 0;
        var (left, top) = (box[0] / stride - offset, box[1] / stride - offset);
        var (wide, high) = (box[2] / stride - offset - left, box[3] / stride - offset - top);
        if (!aligned)
            (wide, high) = (Math.Max(wide, 1), Math.Max(high, 1));
        var rows = sampling > 0 ? sampling : (int)MathF.Ceiling(high / size);
        var columns = sampling > 0 ? sampling : (int)MathF.Ceiling(wide / size);
        foreach (var (c, row, column, i, j) in
            from c in Range(channels)
            from row in Range(size)
            from column in Range(size)
            from i in Range(rows)
            from j in Range(columns)
            select (c, row, column, i, j))
        {
            var y = top + row * (high / size) + (i + 0.5f) * (high / size) / rows;
            var x = left + column * (wide / size) + (j + 0.5f) * (wide / size) / columns;
            values[(c * size + row) * size + column] += (float)(Sample(map[0, c], y, x, height, width) / (rows * columns));
        }

        return values;
    }

    private static double Sample(Tensor map, double y, double x, int height, int width)
    {
        if (y < -1 || y > height || x < -1 || x > width)
            return 0;
        (y, x) = (Math.Clamp(y, 0, height - 1), Math.Clamp(x, 0, width - 1));
        var (top, left) = ((int)y, (int)x);
        var (bottom, right) = (Math.Min(top + 1, height - 1), Math.Min(left + 1, width - 1));
        var (fy, fx) = (y - top, x - left);
        return (1 - fy) * ((1 - fx) * map[top, left].item<float>() + fx * map[top, right].item<float>())
            + fy * ((1 - fx) * map[bottom, left].item<float>() + fx * map[bottom, right].item<float>());
    }

    private static IEnumerable<int> Range(long count) => Enumerable.Range(0, (int)Math.Max(0, count));

    // Without area, inside out, across each border, around the map, of one pixel, and on whole cells.
    private static Tensor Odd => tensor(new float[]
    {
        12, 12, 12, 12, 20, 20, 8, 4, -9, -9, 5, 5, 50, 20, 90, 60, -40, -40, 100, 80, 7, 9, 8, 10, 2, 2, 34, 34, 300, 300, 400, 400,
    }).view(8, 4);

    private Tensor Maps(params long[] shape) => randn(shape, generator: generator);

    private Tensor Boxes(long count)
    {
        var corners = rand([count, 2], generator: generator) * 40 - 4;
        return cat([corners, corners + rand([count, 2], generator: generator) * 40], 1);
    }
}
