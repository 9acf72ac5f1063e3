using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Tracing;

public sealed class AdderConvolutionTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly Generator generator = new(6);

    public void Dispose()
    {
        scope.Dispose();
        generator.Dispose();
    }

    [Theory]
    [InlineData(3, 1, 1)]
    [InlineData(3, 2, 1)]
    [InlineData(3, 1, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(1, 2, 0)]
    public void Distances_are_the_same_in_the_export(int size, int stride, int padding)
    {
        var weight = Maps(5, 4, size, size);
        OnnxParity.Check(x => x.AdderConv(weight, stride, padding, AdderGradient.Sign), [Maps(1, 4, 8, 6), Maps(3, 4, 9, 7), Maps(3, 4, 3, 4)], 1e-4);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    [InlineData(2, 1)]
    public void Values_and_gradients_are_those_of_loops(int stride, int padding)
    {
        // Whole numbers, so that sums in another order are the same.
        var (x, weight) = ((Maps(2, 3, 7, 7) * 3).round(), (Maps(4, 3, 3, 3) * 3).round());
        foreach (var gradient in Enum.GetValues<AdderGradient>())
        {
            var (input, filters) = (x.clone().requires_grad_(), weight.clone().requires_grad_());

            var y = new TracedTensor(input).AdderConv(filters, stride, padding, gradient).Value;
            var g = (randn(y.shape, generator: generator) * 3).round();
            y.backward([g]);

            var (value, ofInput, ofWeight) = Naive(x, weight, g, stride, padding, gradient);
            Assert.Equal(value, y.detach().contiguous().data<float>().ToArray());
            Assert.Equal(ofInput, input.grad!.data<float>().ToArray());
            Assert.Equal(ofWeight, filters.grad!.data<float>().ToArray());
        }
    }

    [Theory]
    [InlineData(AdderGradient.Sign)]
    [InlineData(AdderGradient.HardTanh)]
    [InlineData(AdderGradient.Exact)]
    public void Tensors_stay_flat_over_many_steps(AdderGradient gradient)
    {
        var (x, weight) = (Maps(2, 4, 6, 6), Maps(5, 4, 3, 3).requires_grad_());
        Step();
        var live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var i = 0; i < 50; i++)
            Step();

        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step()
        {
            using var step = NewDisposeScope();
            new TracedTensor(x * 1).AdderConv(weight, 1, 1, gradient).Value.sum().backward();
            weight.grad!.zero_();
        }
    }

    [Fact]
    public void A_tap_counts_as_two_additions()
    {
        var tracer = new Tracer("test", new Dictionary<string, Tensor>());

        _ = tracer.Input("x", Maps(1, 4, 8, 6), "b", null, "h", "w").AdderConv(Maps(5, 4, 3, 3), 1, 1, AdderGradient.Sign);

        Assert.Equal(new OperationCount(0, 2 * 5 * 8 * 6 * 4 * 9), tracer.Operations);
        Assert.Equal(5 * 8 * 6 * 4 * 9, tracer.Operations.MultiplyAdds);
    }

    private static (float[] Value, float[] OfInput, float[] OfWeight) Naive(
        Tensor x, Tensor weight, Tensor g, int stride, int padding, AdderGradient gradient)
    {
        var (xa, wa, ga) = (x.data<float>().ToArray(), weight.data<float>().ToArray(), g.data<float>().ToArray());
        var (value, ofInput, ofWeight) = (new float[ga.Length], new float[xa.Length], new float[wa.Length]);
        long[] s = g.shape, n = x.shape, k = weight.shape;
        foreach (var (b, d, row, column, c, tap) in
            from b in Range(s[0])
            from d in Range(s[1])
            from row in Range(s[2])
            from column in Range(s[3])
            from c in Range(n[1])
            from tap in Range(k[2] * k[3])
            select (b, d, row, column, c, tap))
        {
            var (y, z) = (row * stride + tap / k[3] - padding, column * stride + tap % k[3] - padding);
            var inside = y >= 0 && y < n[2] && z >= 0 && z < n[3];
            var (output, input, filter) = (((b * s[1] + d) * s[2] + row) * s[3] + column, ((b * n[1] + c) * n[2] + y) * n[3] + z, (d * k[1] + c) * k[2] * k[3] + tap);
            var difference = (inside ? xa[input] : 0) - wa[filter];
            value[output] -= Math.Abs(difference);
            ofWeight[filter] += ga[output] * (gradient == AdderGradient.Exact ? Math.Sign(difference) : difference);
            if (inside)
                ofInput[input] -= ga[output] * (gradient == AdderGradient.HardTanh ? Math.Clamp(difference, -1, 1) : Math.Sign(difference));
        }

        return (value, ofInput, ofWeight);
    }

    private static IEnumerable<int> Range(long count) => Enumerable.Range(0, (int)count);

    private Tensor Maps(params long[] shape) => randn(shape, generator: generator);
}
