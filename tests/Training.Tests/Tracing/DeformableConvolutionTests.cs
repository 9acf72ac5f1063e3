using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Tracing;

public sealed class DeformableConvolutionTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly Generator generator = new(5);

    public void Dispose()
    {
        scope.Dispose();
        generator.Dispose();
    }

    [Theory]
    [InlineData(3, 1, 1)]
    [InlineData(3, 2, 1)]
    [InlineData(1, 1, 0)]
    public void Moved_taps_are_the_same_in_the_export_inside_and_beyond_the_map(int size, int stride, int padding)
    {
        var weight = Maps(5, 4, size, size);
        var taps = 2 * size * size;
        OnnxParity.Check(
            x => [x[0].DeformableConv(x[1], weight, stride, padding)],
            [
                [Maps(1, 4, 9, 7), Maps(1, taps, Cells(9), Cells(7)) * 2],
                [Maps(3, 4, 6, 11), Maps(3, taps, Cells(6), Cells(11)) * 2],
                [Maps(3, 4, 6, 11), Maps(3, taps, Cells(6), Cells(11)).round()],
            ],
            1e-4);

        int Cells(int length) => (length + 2 * padding - size) / stride + 1;
    }

    [Fact]
    public void Without_offsets_it_is_a_convolution()
    {
        var (x, weight) = (new TracedTensor(Maps(2, 4, 9, 7)), Maps(5, 4, 3, 3));

        var deformed = x.DeformableConv(new TracedTensor(zeros(2, 18, 5, 4)), weight, stride: 2, padding: 1);

        Assert.InRange((deformed.Value - x.Conv(weight, null, 2, 1).Value).abs().max().item<float>(), 0, 1e-4f);
    }

    [Fact]
    public void Values_are_those_of_loops()
    {
        var (x, offsets, weight) = (Maps(1, 2, 4, 5), Maps(1, 18, 4, 5) * 2, Maps(3, 2, 3, 3));

        var deformed = new TracedTensor(x).DeformableConv(new TracedTensor(offsets), weight, stride: 1, padding: 1).Value;

        for (var d = 0; d < 3; d++)
        {
            for (var row = 0; row < 4; row++)
            {
                for (var column = 0; column < 5; column++)
                    Assert.Equal(Naive(x, offsets, weight, d, row, column), deformed[0, d, row, column].item<float>(), 1e-4);
            }
        }
    }

    private static double Naive(Tensor x, Tensor offsets, Tensor weight, int d, int row, int column)
    {
        var sum = 0.0;
        for (var tap = 0; tap < 9; tap++)
        {
            var y = row - 1 + tap / 3 + offsets[0, 2 * tap, row, column].item<float>();
            var x1 = column - 1 + tap % 3 + offsets[0, 2 * tap + 1, row, column].item<float>();
            for (var c = 0; c < 2; c++)
                sum += weight[d, c, tap / 3, tap % 3].item<float>() * Bilinear(x[0, c], y, x1);
        }

        return sum;
    }

    private static double Bilinear(Tensor map, double y, double x)
    {
        var sum = 0.0;
        for (var row = 0; row < map.shape[0]; row++)
        {
            for (var column = 0; column < map.shape[1]; column++)
                sum += map[row, column].item<float>() * Math.Max(0, 1 - Math.Abs(y - row)) * Math.Max(0, 1 - Math.Abs(x - column));
        }

        return sum;
    }

    [Fact]
    public void Gradients_reach_the_map_the_offsets_and_the_weights()
    {
        var (x, offsets, weight) = (Maps(1, 2, 4, 5).requires_grad_(), zeros(1, 18, 4, 5, requires_grad: true), Maps(3, 2, 3, 3).requires_grad_());

        new TracedTensor(x).DeformableConv(new TracedTensor(offsets), weight, stride: 1, padding: 1).Value.sum().backward();

        Assert.All([x, offsets, weight], tensor => Assert.True(tensor.grad!.abs().sum().item<float>() > 0));
    }

    private Tensor Maps(params long[] shape) => randn(shape, generator: generator);
}
