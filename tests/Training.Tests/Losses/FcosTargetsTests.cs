using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

public sealed class FcosTargetsTests
{
    private static readonly FcosLevelShape[] FiveLevels = [new(8, 16, 20), new(16, 8, 10), new(32, 4, 5), new(64, 2, 3), new(128, 1, 2)];

    [Theory]
    [InlineData(8, new float[] { 4, 12, 20 })]
    [InlineData(16, new float[] { 8, 24, 40 })]
    public void Cell_centres_lie_half_a_stride_in(int stride, float[] expected)
    {
        using var scope = NewDisposeScope();

        var grid = FcosLevelGrid.Create([new(stride, 2, 3)], CPU);

        Assert.Equal([.. expected, .. expected], grid.X.data<float>().ToArray());
        Assert.Equal([.. Enumerable.Repeat(expected[0], 3), .. Enumerable.Repeat(expected[1], 3)], grid.Y.data<float>().ToArray());
    }

    [Fact]
    public void Level_ranges_are_those_of_the_paper()
    {
        using var scope = NewDisposeScope();

        var grid = FcosLevelGrid.Create([.. FiveLevels.Select(level => level with { Height = 1, Width = 1 })], CPU);

        Assert.Equal([-1f, 64, 128, 256, 512], grid.Lower.data<float>().ToArray());
        Assert.Equal([64f, 128, 256, 512, 1e8f], grid.Upper.data<float>().ToArray());
    }

    [Theory]
    [InlineData(1, 1, 3, 3, 1 / 3.0)]
    [InlineData(2, 4, 6, 4, 0.57735)]
    [InlineData(5, 2, 5, 2, 1)]
    public void Centerness_is_that_of_the_paper(float left, float top, float right, float bottom, double expected)
    {
        using var scope = NewDisposeScope();

        var centerness = FcosTargets.CenternessOf(tensor(new[] { left, top, right, bottom }).view(1, 1, 4));

        Assert.Equal(expected, centerness.item<float>(), 1e-5);
    }

    [Fact]
    public void Largest_distance_of_64_belongs_to_two_levels()
    {
        using var scope = NewDisposeScope();
        // One cell of the two finest levels each, at the centre of a box whose largest distance is exactly 64.
        var grid = new FcosLevelGrid(tensor(new[] { 100f, 100f }), tensor(new[] { 100f, 100f }), tensor(new[] { 8f, 16f }), tensor(new[] { -1f, 64f }), tensor(new[] { 64f, 128f }));
        var box = Target([[100 - 60, 100 - 64, 100 + 60, 100 + 64]]);

        var assigned = FcosTargets.Assign(grid, PaddedTargets.Of([box], 200, 200, CPU));

        Assert.Equal([true, true], assigned.Positive.data<bool>().ToArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Assignment_equals_three_plain_loops(bool centreSampling)
    {
        var random = new Random(1);
        for (var round = 0; round < 30; round++)
        {
            using var scope = NewDisposeScope();
            var targets = Enumerable.Range(0, 3).Select(i => RandomTarget(random, boxes: round % 4 == 0 ? 0 : random.Next(12), ignored: random.Next(3))).ToArray();

            var grid = FcosLevelGrid.Create(FiveLevels, CPU);
            var assigned = FcosTargets.Assign(grid, PaddedTargets.Of(targets, 128, 160, CPU), centreSampling);

            AssertEqualsLoops(assigned, grid, targets, centreSampling);
        }
    }

    private static void AssertEqualsLoops(FcosTargets assigned, FcosLevelGrid grid, DetectionTargets[] targets, bool centreSampling)
    {
        var (xs, ys, strides) = (Floats(grid.X), Floats(grid.Y), Floats(grid.Stride));
        var (lowers, uppers) = (Floats(grid.Lower), Floats(grid.Upper));
        var positives = 0;
        for (var image = 0; image < targets.Length; image++)
        {
            var boxes = Floats(targets[image].Boxes).Chunk(4).ToArray();
            var ignored = Floats(targets[image].IgnoreBoxes).Chunk(4).ToArray();
            var labels = boxes.Length == 0 ? [] : targets[image].Labels.data<long>().ToArray();
            for (var cell = 0; cell < xs.Length; cell++)
            {
                var (x, y, owner, smallest) = (xs[cell], ys[cell], -1, float.PositiveInfinity);
                for (var i = 0; i < boxes.Length; i++)
                {
                    var b = boxes[i];
                    float[] d = [x - b[0], y - b[1], b[2] - x, b[3] - y];
                    var inCentre = Math.Abs(x - (b[0] + b[2]) / 2) < 1.5f * strides[cell] && Math.Abs(y - (b[1] + b[3]) / 2) < 1.5f * strides[cell];
                    var area = (b[2] - b[0]) * (b[3] - b[1]);
                    if (d.Min() > 0 && (inCentre || !centreSampling) && d.Max() >= lowers[cell] && d.Max() <= uppers[cell] && area < smallest)
                        (owner, smallest) = (i, area);
                }

                Assert.Equal(owner >= 0, assigned.Positive[image, cell].item<bool>());
                Assert.Equal(owner < 0 && ignored.Any(b => x > b[0] && x < b[2] && y > b[1] && y < b[3]), assigned.Ignored[image, cell].item<bool>());
                if (owner < 0)
                    continue;

                positives++;
                var box = boxes[owner];
                float[] expected = [(x - box[0]) / strides[cell], (y - box[1]) / strides[cell], (box[2] - x) / strides[cell], (box[3] - y) / strides[cell]];
                Assert.Equal(labels[owner], assigned.Labels[image, cell].item<long>());
                Assert.Equal(expected, Floats(assigned.Distances[image, cell]));
                var centerness = Math.Sqrt(Math.Min(expected[0], expected[2]) / Math.Max(expected[0], expected[2]) * (Math.Min(expected[1], expected[3]) / Math.Max(expected[1], expected[3])));
                Assert.Equal(centerness, assigned.Centerness[image, cell].item<float>(), 1e-5);
            }
        }

        Assert.True(targets.All(t => t.Boxes.shape[0] == 0) || positives > 0, "The random boxes gave no positive cell, so nothing was compared.");
    }

    private static DetectionTargets RandomTarget(Random random, int boxes, int ignored)
        => new(RandomBoxes(random, boxes), randint(0, 5, [boxes], int64), RandomBoxes(random, ignored));

    private static Tensor RandomBoxes(Random random, int count)
    {
        // Sizes over two orders of magnitude; whole and half pixels, so that cells lie exactly on edges too.
        var values = new float[count * 4];
        for (var i = 0; i < count; i++)
        {
            var width = MathF.Round((float)Math.Pow(2, 1 + random.NextDouble() * 6.5) * 2) / 2;
            var height = MathF.Round((float)Math.Pow(2, 1 + random.NextDouble() * 6) * 2) / 2;
            var (x, y) = (random.Next(0, 140), random.Next(0, 110));
            new[] { x, y, x + width, y + height }.CopyTo(values, i * 4);
        }

        return tensor(values).view(-1, 4);
    }

    private static DetectionTargets Target(float[][] boxes)
        => new(tensor(boxes.SelectMany(b => b).ToArray()).view(-1, 4), zeros(boxes.Length, int64), zeros(0, 4));

    private static float[] Floats(Tensor tensor) => tensor.numel() == 0 ? [] : tensor.contiguous().data<float>().ToArray();
}
