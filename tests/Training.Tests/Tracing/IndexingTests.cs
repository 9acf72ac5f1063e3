using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Tracing;

/// <summary>Rectangles to lists of rows and back: the same in TorchSharp and in ONNX Runtime, for many rows, one and none.</summary>
public sealed class IndexingTests : IDisposable
{
    private readonly TorchSharp.DisposeScope scope = NewDisposeScope();
    private readonly Generator generator = new(4);

    public void Dispose()
    {
        scope.Dispose();
        generator.Dispose();
    }

    [Fact]
    public void True_places_are_listed_row_by_row()
        => OnnxParity.Check(x => x.GreaterThan(x.Like(0)).WhereTrue(), [Maps(1, 9), Maps(3, 5), -ones(3, 5), ones(3, 5)], 0);

    [Fact]
    public void True_places_of_a_list_are_its_rows()
        => OnnxParity.Check(x => x.GreaterThan(x.Like(0)).WhereTrue(), [Maps(9), Maps(5), -ones(5), zeros(0)], 0);

    [Theory]
    [InlineData(0)]
    [InlineData(-1e30)]
    public void Rows_that_count_go_to_a_list_and_back(double blank)
        => OnnxParity.Check(
            x =>
            {
                var places = x[1].GreaterThan(x[1].Like(0)).WhereTrue();
                var rows = x[0].GatherPlaces(places);
                return [rows, (rows * 2).ScatterPlaces(places, x[1], blank), rows.Sum(1).ScatterPlaces(places, x[1], blank)];
            },
            [
                [Maps(1, 9, 4), Maps(1, 9)],
                [Maps(3, 5, 4), Maps(3, 5)],
                [Maps(3, 5, 4), -ones(3, 5)],
                [Maps(3, 5, 4), ones(3, 5)],
                [zeros(3, 0, 4), zeros(3, 0)],
            ]);

    [Fact]
    public void Whole_numbers_are_scattered_too()
        => OnnxParity.Check(
            x => [x[0].ScatterPlaces(x[1], x[2], blank: -1)],
            [
                [tensor(new long[] { 7, 8 }), tensor(new long[] { 0, 3, 0, 8 }).view(2, 2), Maps(1, 9)],
                [zeros(0, dtype: int64), zeros(0, 2, dtype: int64), Maps(3, 5)],
            ],
            0);

    [Fact]
    public void Gradient_of_a_list_goes_to_the_rows_that_it_was_made_of()
    {
        var x = zeros(2, 3, 2, requires_grad: true);
        var places = new TracedTensor(tensor(new long[] { 0, 2, 1, 0 }).view(2, 2));

        new TracedTensor(x).GatherPlaces(places).ScatterPlaces(places, new TracedTensor(x)).Value.sum().backward();

        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Rows_are_taken_by_numbers_of_any_shape()
        => OnnxParity.Check(
            x => [x[0].GatherRows0(x[1]), x[0].GatherRows0(x[1].MergeDimensions(0, 2))],
            [
                [Maps(9, 4), tensor(new long[] { 8, 0, 3 }).view(1, 3)],
                [Maps(5, 4), tensor(new long[] { 4, 4, 1, 0, 2, 3 }).view(3, 2)],
                [Maps(5, 4), zeros(3, 0, dtype: int64)],
            ],
            0);

    [Fact]
    public void Inverse_permutation_brings_rows_back()
    {
        OnnxParity.Check(
            x => [x[0].InversePermutation(), x[0].GatherRows0(x[0].InversePermutation())],
            [[randperm(9, dtype: int64)], [randperm(50, dtype: int64)], [zeros(1, dtype: int64)], [zeros(0, dtype: int64)]],
            0);

        var order = new TracedTensor(tensor(new long[] { 3, 0, 2, 1 }));
        Assert.Equal([0, 1, 2, 3], order.GatherRows0(order.InversePermutation()).Value.data<long>().ToArray());
    }

    private Tensor Maps(params long[] shape) => randn(shape, generator: generator);
}
