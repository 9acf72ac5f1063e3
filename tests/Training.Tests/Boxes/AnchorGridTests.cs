using Serve.Training.Tests.Tracing;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Boxes;

public sealed class AnchorGridTests
{
    private static readonly AnchorSpec Pyramid = new();

    [Fact]
    public void Anchors_of_one_cell_are_those_of_the_paper()
    {
        var anchors = Pyramid.BaseAnchors(0);

        Assert.All(anchors[0].Zip([-22.627417, -11.313708, 22.627417, 11.313708]), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        Assert.Equal([-16, -16, 16, 16], anchors[1]);
        Assert.All(anchors[2].Zip([-11.313708, -22.627417, 11.313708, 22.627417]), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    // Detectron prints (-22, -10, 25, 13), (-14, -14, 17, 17), (-10, -22, 13, 25) for stride 4; its ends are the last pixels.
    [Fact]
    public void Whole_pixel_anchors_are_detectrons()
    {
        Assert.Equal([[-22, -10, 26, 14], [-14, -14, 18, 18], [-10, -22, 14, 26]], Pyramid.WholePixelAnchors(0, 4));
    }

    [Fact]
    public void Picture_of_800_by_1344_has_268569_anchors()
    {
        using var scope = NewDisposeScope();

        var anchors = AnchorGrid.Of(Pyramid, [.. new[] { 4, 8, 16, 32, 64 }.Select(stride => (stride, (800L + stride - 1) / stride, 1344L / stride))], CPU);

        Assert.Equal([268_569, 4], anchors.shape);
    }

    [Fact]
    public void Order_is_level_row_column_size_ratio()
    {
        using var scope = NewDisposeScope();
        var spec = new AnchorSpec { Sizes = [[8, 16], [32, 64]], Ratios = [1, 4], Offset = 0.5 };

        var anchors = AnchorGrid.Of(spec, [(4, 2, 3), (8, 1, 2)], CPU);

        var row = 0;
        foreach (var (level, stride, height, width) in new[] { (0, 4, 2, 3), (1, 8, 1, 2) })
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++)
                {
                    foreach (var corners in spec.BaseAnchors(level))
                    {
                        double[] expected = [corners[0] + (x + 0.5) * stride, corners[1] + (y + 0.5) * stride, corners[2] + (x + 0.5) * stride, corners[3] + (y + 0.5) * stride];
                        Assert.All(expected.Zip(anchors[row].data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
                        row++;
                    }
                }
            }
        }

        Assert.Equal(row, anchors.shape[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Anchors_of_a_map_are_the_same_in_onnx_whatever_its_size(bool wholePixels)
        => OnnxParity.Check(x => AnchorGrid.Of(Pyramid, 1, x, stride: 8, wholePixels), [zeros(1, 2, 4, 6), zeros(3, 2, 5, 1)], 0);

    [Fact]
    public void Anchors_of_a_map_are_the_grids()
    {
        using var scope = NewDisposeScope();

        var traced = AnchorGrid.Of(Pyramid, 0, new TracedTensor(zeros(2, 8, 3, 5)), stride: 4);

        Assert.True(traced.Value.Equals(AnchorGrid.Of(Pyramid, [(4, 3, 5)], CPU)));
    }
}
