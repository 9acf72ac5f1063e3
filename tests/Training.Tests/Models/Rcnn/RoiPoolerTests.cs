using Serve.Training.Boxes;
using Serve.Training.Models;
using Serve.Training.Models.Rcnn;
using Serve.Training.Tests.Tracing;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Rcnn;

public sealed class RoiPoolerTests
{
    private static readonly RoiPooler Pooler = new(size: 3, sampling: 2, DialectRules.Of(DetectionDialect.Detectron2));

    [Theory]
    [InlineData(56, 2)]
    [InlineData(111.9, 2)]
    [InlineData(112, 3)]
    [InlineData(223.9, 3)]
    [InlineData(224, 4)]
    [InlineData(447.9, 4)]
    [InlineData(448, 5)]
    [InlineData(2000, 5)]
    [InlineData(0, 2)]
    public void Level_is_that_of_the_papers_equation(double side, int expected)
    {
        using var scope = NewDisposeScope();
        // Twice as wide as high: the area counts.
        var (width, height) = ((float)(side * 2), (float)(side / 2));

        var level = Pooler.LevelOf(Levels(1), new TracedTensor(TestBoxes.Of([5, 7, 5 + width, 7 + height])));

        Assert.Equal(expected - 2, level.Value.item<long>());
    }

    [Fact]
    public void Both_ways_of_pooling_give_the_same_and_never_look_at_the_pooled_level()
    {
        using var scope = NewDisposeScope();
        var levels = Levels(2);
        var (boxes, images) = (Boxes(), tensor(new long[] { 0, 1, 1, 0, 1, 0 }));

        var (together, apart) = (Pooler.Pool(levels, boxes, images), Pooler.Pool(levels, new TracedTensor(boxes), new TracedTensor(images)));

        Assert.Equal([6, 4, 3, 3], together.shape);
        Assert.True(allclose(together, apart.Value, rtol: 1e-5, atol: 1e-6));
        Assert.True(together.abs().max().item<float>() < 100);
    }

    // The second set has boxes of one level alone, so that the others have none.
    [Fact]
    public void Pooling_is_the_same_in_onnx()
        => OnnxParity.Check(
            x => [Pooler.Pool([.. x[2..].Zip([4, 8, 16, 32, 64], (map, stride) => new FeatureLevel(stride, map))], x[0], x[1])],
            [
                [Boxes(), tensor(new long[] { 0, 0, 0, 0, 0, 0 }), .. Maps(1)],
                [Boxes()[..2], tensor(new long[] { 2, 1 }), .. Maps(3)],
            ],
            1e-4);

    private static Tensor Boxes() => TestBoxes.Of([3, 4, 40, 50], [0, 0, 60, 20], [10, 10, 170, 180], [0, 0, 300, 290], [0, 0, 480, 470], [100, 90, 210, 200]);

    private static IReadOnlyList<FeatureLevel> Levels(int images) => [.. Maps(images).Zip([4, 8, 16, 32, 64], (map, stride) => new FeatureLevel(stride, new TracedTensor(map)))];

    // 512 x 512 pixels; the pooled level would show.
    private static Tensor[] Maps(int images)
    {
        using var generator = new Generator(8);
        return [.. new[] { 128, 64, 32, 16 }.Select(side => randn([images, 4, side, side], generator: generator)), full(images, 4, 8, 8, 1e6f)];
    }
}
