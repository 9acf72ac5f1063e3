using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Tracing;

/// <summary>Each operator computes the same in TorchSharp and in ONNX Runtime, for other shapes than the traced one, with one image and with three.</summary>
public sealed class OperatorParityTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly Generator generator = new(3);

    public void Dispose()
    {
        scope.Dispose();
        generator.Dispose();
    }

    public static TheoryData<string, Func<TracedTensor, TracedTensor, TracedTensor>> BinaryOperators => new()
    {
        { "add", (a, b) => a + b },
        { "subtract", (a, b) => a - b },
        { "multiply", (a, b) => a * b },
        { "divide", (a, b) => a / b },
        { "minimum", (a, b) => a.Minimum(b) },
        { "maximum", (a, b) => a.Maximum(b) },
        { "greater", (a, b) => a.GreaterThan(b) },
        { "equal", (a, b) => a.EqualTo(b) },
        { "where", (a, b) => a.GreaterThan(b).Where(a, b * 2) },
    };

    public static TheoryData<string, Func<TracedTensor, TracedTensor>> UnaryOperators => new()
    {
        { "relu", x => x.Relu() },
        { "sigmoid", x => x.Sigmoid() },
        { "exponential", x => x.Exp() },
        { "clamp below", x => x.Clamp(lower: -0.5) },
        { "clamp above", x => x.Clamp(upper: 0.25) },
        { "clamp both", x => x.Clamp(-0.5, 0.25) },
        { "slice", x => x.Slice(1, 1, 3) },
        { "slice to the end", x => x.Slice(2, 1) },
        { "slice from the end", x => x.Slice(3, -2, -1) },
        { "square root", x => (x * x).Sqrt() },
        { "add scalar", x => x + 0.5 },
        { "cast", x => (x * 10).Cast(int64) },
        { "reshape", x => x.Reshape(0, -1, 2) },
        { "permute", x => x.Permute(0, 2, 3, 1) },
        { "unsqueeze", x => x.Unsqueeze(2) },
        { "concat", x => Shapes.Concat(1, x, x * 2) },
        { "pad", x => x.PadEnd(2, 3, -1) },
        { "size", x => x.Size(2) },
        { "max pool", x => x.MaxPool(3, stride: 2, padding: 1) },
    };

    [Theory]
    [MemberData(nameof(BinaryOperators))]
    public void Binary_operator_broadcasts_alike(string name, Func<TracedTensor, TracedTensor, TracedTensor> operation)
    {
        Assert.NotEmpty(name);
        OnnxParity.Check(
            x => [operation(x[0], x[1])],
            [
                [Maps(1, 4, 6, 8), Maps(1, 4, 6, 8)],
                [Maps(3, 4, 5, 7), Maps(3, 4, 5, 7)],
                [Maps(3, 4, 5, 7), Maps(1, 4, 1, 1)],
            ]);
    }

    [Theory]
    [MemberData(nameof(UnaryOperators))]
    public void Unary_operator_is_the_same(string name, Func<TracedTensor, TracedTensor> operation)
    {
        Assert.NotEmpty(name);
        OnnxParity.Check(operation, [Maps(1, 4, 6, 8), Maps(3, 4, 5, 7), Maps(3, 4, 9, 2)]);
    }

    [Fact]
    public void Integer_division_and_remainder_are_whole_numbers()
        => OnnxParity.Check(
            x => [x[0] / x[1], x[0].Modulo(x[1])],
            [
                [tensor(new long[] { 0, 1, 7, 8, 100 }), tensor(new long[] { 3 })],
                [tensor(new long[] { 5, 12 }), tensor(new long[] { 4 })],
            ]);

    [Theory]
    [InlineData(3, 1, true)]
    [InlineData(3, 2, false)]
    [InlineData(7, 2, true)]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    public void Convolution_is_the_same(int size, int stride, bool hasBias)
    {
        var (weight, bias) = (Maps(5, 4, size, size), hasBias ? Maps(5) : null);
        OnnxParity.Check(x => x.Conv(weight, bias, stride, (size - 1) / 2), [Maps(1, 4, 16, 12), Maps(3, 4, 9, 17)], 1e-4);
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 4)]
    [InlineData(8, 8)]
    public void Group_normalisation_is_the_same(int channels, int groups)
    {
        var (weight, bias) = (Maps(channels), Maps(channels));
        OnnxParity.Check(x => x.GroupNorm(groups, weight, bias), [Maps(1, channels, 6, 8), Maps(3, channels, 5, 7), Maps(3, channels, 1, 2)], 1e-5);
    }

    [Fact]
    public void Batch_normalisation_with_running_statistics_is_the_same()
    {
        var (weight, bias, mean, variance) = (Maps(4), Maps(4), Maps(4), Maps(4).abs() + 0.1);
        OnnxParity.Check(x => x.BatchNorm(weight, bias, mean, variance, training: false), [Maps(1, 4, 6, 8), Maps(3, 4, 5, 7)], 1e-5);
    }

    [Fact]
    public void Batch_normalisation_refuses_to_be_traced_in_training()
    {
        var (weight, bias, mean, variance) = (Maps(4), Maps(4), Maps(4), Maps(4).abs() + 0.1);

        var fault = Assert.Throws<InvalidOperationException>(
            () => OnnxParity.Trace(x => [x[0].BatchNorm(weight, bias, mean, variance, training: true)], [Maps(2, 4, 6, 8)]));

        Assert.Contains("eval()", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Upsampling_reaches_even_and_odd_sizes()
        => OnnxParity.Check(
            x => [x[0].UpsampleTo(x[1])],
            [
                [Maps(1, 4, 3, 4), Maps(1, 2, 6, 8)],
                [Maps(3, 4, 3, 4), Maps(3, 2, 5, 7)],
                [Maps(3, 4, 1, 1), Maps(3, 2, 1, 2)],
            ]);

    [Fact]
    public void Top_k_takes_all_of_a_short_row_and_equal_values_in_order()
        => OnnxParity.Check(
            x =>
            {
                var (values, indices) = x[0].TopK(10);
                return [values, indices];
            },
            [[Maps(1, 40)], [Maps(3, 7)], [(Maps(3, 60) * 3).round()], [zeros(3, 25)]],
            0);

    [Fact]
    public void Gathering_rows_and_elements_is_the_same()
        => OnnxParity.Check(
            x => [x[0].GatherRows(x[2]), x[1].GatherElements(x[2])],
            [
                [Maps(1, 9, 4), Maps(1, 9), tensor(new long[] { 8, 0, 3, 3 }).view(1, 4)],
                [Maps(3, 5, 4), Maps(3, 5), tensor(new long[] { 4, 0, 3, 3, 1, 2 }).view(3, 2)],
            ]);

    [Fact]
    public void Keeping_listed_places_works_for_none_and_for_many()
        => OnnxParity.Check(
            x => [x[0].KeepOnly(x[1])],
            [
                [Maps(1, 9), tensor(new long[] { 0, 3, 0, 8 }).view(2, 2)],
                [Maps(3, 5), tensor(new long[] { 0, 0, 2, 4, 1, 1 }).view(3, 2)],
                [Maps(3, 5), zeros(0, 2, dtype: int64)],
            ]);

    [Theory]
    [InlineData(0.3f)]
    [InlineData(0.6f)]
    [InlineData(1f)]
    public void Suppression_keeps_the_same_boxes_in_the_same_order(float threshold)
        => OnnxParity.Check(
            x => [x[0].SelectBoxes(x[1], threshold, 0.2f, 20)],
            [
                [Boxes(1, 50, whole: false), rand([1, 2, 50], generator: generator)],
                [Boxes(3, 200, whole: false), rand([3, 3, 200], generator: generator)],
                // Equal boxes, equal scores, IoU at the threshold, boxes without area.
                [Boxes(3, 200, whole: true), (rand([3, 1, 200], generator: generator) * 8).round() / 8],
                [Boxes(3, 10, whole: true), zeros(3, 2, 10)],
            ],
            0);

    [Fact]
    public void What_depends_on_constants_only_becomes_one_initialiser()
    {
        var constant = new TracedTensor(Maps(4));
        var tracer = new Tracer("test", new Dictionary<string, Tensor>());
        var input = tracer.Input("x", Maps(4), "n");

        tracer.Output("y", input + (constant * 2).Relu(), "n");

        Assert.Equal(["Add", "Identity"], tracer.Graph.Node.Select(node => node.OpType));
        Assert.Single(tracer.Graph.Initializer);
    }

    private Tensor Maps(params long[] shape) => randn(shape, generator: generator);

    private Tensor Boxes(long images, long count, bool whole)
    {
        var corners = rand([images, count, 2], generator: generator) * 10;
        var sizes = rand([images, count, 2], generator: generator) * 8;
        return whole ? cat([corners.round(), corners.round() + (sizes / 2).round()], 2) : cat([corners, corners + sizes], 2);
    }
}
