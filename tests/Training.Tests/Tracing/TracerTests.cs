using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Tracing;

public sealed class TracerTests
{
    [Fact]
    public void Layers_on_lists_count_with_the_rows_they_have_in_use()
    {
        using var scope = NewDisposeScope();
        var tracer = new Tracer("test", new Dictionary<string, Tensor>());
        var rows = tracer.Input("rows", zeros(1, 6), "s", null);
        var weight = zeros(5, 6);

        _ = rows.Linear(weight, null);
        using (Tracer.CountAs(rows, nominal: 1000))
        {
            _ = rows.Linear(weight, null);
            using (Tracer.CountAs(rows, nominal: 100))
                _ = rows.Linear(weight, null);
        }

        Assert.Equal((1 + 1000 + 100) * 5 * 6, tracer.Operations.MultiplyAdds);
    }

    [Fact]
    public void Rows_outside_a_trace_count_nothing()
    {
        using var rows = zeros(0, 6);

        Assert.Null(Tracer.CountAs(new TracedTensor(rows), nominal: 1000));
    }

    [Fact]
    public void What_was_traced_with_one_row_runs_with_many()
    {
        using var scope = NewDisposeScope();
        var (weight, bias) = (randn(5, 6), randn(5));
        OnnxParity.Check(x => x.Linear(weight, bias).Relu().Softmax(1), [randn(1, 6), randn(300, 6)]);
    }

    [Fact]
    public void Transposed_convolution_counts_each_tap_of_each_cell()
    {
        using var scope = NewDisposeScope();
        var tracer = new Tracer("test", new Dictionary<string, Tensor>());

        _ = tracer.Input("x", zeros(2, 3, 14, 14), "s", null, null, null).ConvTranspose(zeros(3, 5, 2, 2), null, 2);

        Assert.Equal(new OperationCount(2 * 3 * 5 * 28 * 28, 2 * 3 * 5 * 28 * 28), tracer.Operations);
    }
}
