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
        { "greater or equal", (a, b) => a.GreaterOrEqual(b) },
        { "less or equal", (a, b) => a.LessOrEqual(b) },
        { "and", (a, b) => a.GreaterThan(b).And(a.LessOrEqual(b * 2)) },
        { "or", (a, b) => a.GreaterThan(b).Or(a.LessOrEqual(b * 2)) },
        { "expand", (a, b) => b.ExpandTo(a) },
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
        { "logarithm", x => (x * x + 0.1).Log() },
        { "floor", x => (x * 4).Floor() },
        { "absolute", x => x.Abs() },
        { "negate", x => x.Negate() },
        { "not", x => x.GreaterThan(x.Like(0)).Not() },
        { "sum", x => x.Sum(1) },
        { "sum that keeps", x => x.Sum(3, keep: true) },
        { "mean", x => x.Mean(2) },
        { "largest", x => x.Max(0) },
        { "largest that keeps", x => x.Max(3, keep: true) },
        { "softmax", x => x.Softmax(1) },
        { "softmax of the last", x => x.Softmax(3) },
        { "numbers", x => x.Iota(2) },
        { "merge first", x => x.MergeDimensions(0, 2) },
        { "merge last", x => x.MergeDimensions(1, 3) },
        { "merge all", x => x.MergeDimensions(0, 4) },
        { "unmerge", x => x.MergeDimensions(0, 2).UnmergeLike(0, x, 0, 2) },
        { "unmerge in the middle", x => x.MergeDimensions(1, 2).UnmergeLike(1, x, 1, 2) },
        { "subsample", x => x.Subsample(2) },
        { "average pool", x => x.AveragePool(2, stride: 2) },
        { "average pool that rounds up", x => x.AveragePool(2, stride: 2, ceiling: true, countPadding: false) },
        { "average pool with padding", x => x.AveragePool(3, stride: 1, padding: 1) },
        { "average pool without padding", x => x.AveragePool(3, stride: 2, padding: 1, ceiling: true, countPadding: false) },
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
    [InlineData(2, 2, true)]
    [InlineData(2, 2, false)]
    [InlineData(3, 1, true)]
    public void Transposed_convolution_is_the_same_for_any_number_of_rows(int size, int stride, bool hasBias)
    {
        var (weight, bias) = (Maps(4, 5, size, size), hasBias ? Maps(5) : null);
        OnnxParity.Check(x => x.ConvTranspose(weight, bias, stride), [Maps(1, 4, 6, 6), Maps(3, 4, 5, 3), zeros(0, 4, 6, 6)], 1e-4);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Linear_layer_is_the_same_for_lists_and_for_rectangles(bool hasBias)
    {
        var (weight, bias) = (Maps(7, 5), hasBias ? Maps(7) : null);
        OnnxParity.Check(x => x.Linear(weight, bias), [Maps(1, 5), Maps(30, 5), zeros(0, 5)], 1e-4);
        OnnxParity.Check(x => x.Linear(weight, bias), [Maps(1, 9, 5), Maps(3, 4, 5), zeros(3, 0, 5)], 1e-4);
    }

    [Fact]
    public void Linear_layer_writes_its_weights_once()
    {
        var weight = Maps(300, 5);
        var tracer = new Tracer("test", new Dictionary<string, Tensor> { ["weight"] = weight });

        _ = tracer.Input("list", Maps(2, 5), "s", null).Linear(weight, null);
        _ = tracer.Input("rectangle", Maps(2, 3, 5), "b", "n", null).Linear(weight, null);

        Assert.Equal(["weight"], tracer.Graph.Initializer.Select(initializer => initializer.Name));
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(8, 4)]
    [InlineData(8, 8)]
    public void Group_normalisation_is_the_same(int channels, int groups)
    {
        var (weight, bias) = (Maps(channels), Maps(channels));
        OnnxParity.Check(x => x.GroupNorm(groups, weight, bias), [Maps(1, channels, 6, 8), Maps(3, channels, 5, 7), Maps(3, channels, 1, 2), Maps(0, channels, 6, 8)], 1e-5);
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resizing_reaches_the_other_maps_size(bool alignCorners)
        => OnnxParity.Check(
            x => [x[0].ResizeTo(x[1], alignCorners)],
            [
                [Maps(1, 4, 3, 4), Maps(1, 2, 6, 8)],
                [Maps(3, 4, 3, 4), Maps(3, 2, 5, 7)],
                [Maps(3, 4, 1, 1), Maps(3, 2, 1, 2)],
                [Maps(3, 4, 7, 5), Maps(3, 2, 3, 1)],
            ]);

    [Fact]
    public void Splitting_cuts_a_dimension_into_its_pieces()
        => OnnxParity.Check(x => x[0].Split(1, 1, 4, 2), [[Maps(1, 7, 3)], [Maps(3, 7, 5)], [zeros(0, 7, 3)]], 0);

    [Fact]
    public void Merging_and_unmerging_work_without_entries()
        => OnnxParity.Check(
            x => [x[0].MergeDimensions(0, 2), x[0].MergeDimensions(1, 2), x[0].MergeDimensions(0, 2).UnmergeLike(0, x[0], 0, 2)],
            [[Maps(1, 3, 4)], [zeros(3, 0, 4)], [zeros(3, 2, 0)]]);

    [Fact]
    public void Top_k_of_long_rows_takes_equal_values_in_order()
        => OnnxParity.Check(
            x =>
            {
                var (values, indices) = x[0].TopK(50);
                return [values, indices];
            },
            [[Maps(1, 9000)], [Maps(3, 20000)], [(Maps(3, 9000) * 3).round()], [zeros(3, 9000)], [full(3, 9000, -1e30f)], [Maps(3, 60)]],
            0);

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

    [Fact]
    public void Places_that_are_not_kept_take_the_blank()
        => OnnxParity.Check(
            x => [x[0].KeepOnly(x[1], blank: -1e30)],
            [
                [Maps(1, 9), tensor(new long[] { 0, 3, 0, 8 }).view(2, 2)],
                [Maps(3, 5), zeros(0, 2, dtype: int64)],
            ],
            0);

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
