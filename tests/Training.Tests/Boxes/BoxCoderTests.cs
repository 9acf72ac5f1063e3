using Serve.Training.Tests.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Boxes;

public sealed class BoxCoderTests
{
    private static readonly BoxCoder Head = new(10, 10, 5, 5);

    [Fact]
    public void Targets_are_those_computed_by_hand()
    {
        using var scope = NewDisposeScope();

        var deltas = Head.Encode(Box(0, 0, 100, 100), Box(10, 20, 110, 140));

        Assert.Equal([1f, 3f, 0f], deltas[0, ..3].data<float>().ToArray());
        Assert.Equal(0.9116078, deltas[0, 3].item<float>(), 1e-6);
    }

    [Fact]
    public void Decoding_undoes_encoding_for_any_leading_dimensions()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var (boxes, targets) = (Random(generator), Random(generator));

        var decoded = Head.Decode(Head.Encode(boxes, targets), boxes);

        Assert.True(allclose(decoded, targets, rtol: 1e-4, atol: 1e-3));
    }

    // The stages of a cascade: the same shift of 10 of 100 pixels is more to the later ones.
    [Theory]
    [InlineData(10, 5, 1)]
    [InlineData(20, 10, 2)]
    [InlineData(30, 15, 3)]
    public void Weights_of_each_stage_of_a_cascade_undo_themselves(double ofCentre, double ofSize, float shift)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var coder = new BoxCoder(ofCentre, ofCentre, ofSize, ofSize);
        var (boxes, targets) = (Random(generator), Random(generator));

        Assert.Equal([shift, 0, 0, 0], coder.Encode(Box(0, 0, 100, 100), Box(10, 0, 110, 100)).data<float>().ToArray());
        Assert.True(allclose(coder.Decode(coder.Encode(boxes, targets), boxes), targets, rtol: 1e-4, atol: 1e-3));
    }

    [Fact]
    public void Growth_ends_at_1000_over_16_and_shrinking_nowhere()
    {
        using var scope = NewDisposeScope();

        var grown = new BoxCoder(1, 1, 1, 1).Decode(tensor(new float[] { 0, 0, 10, -10 }).view(1, 4), Box(0, 0, 10, 10));

        Assert.Equal(10 * 62.5, (grown[0, 2] - grown[0, 0]).item<float>(), 1e-3);
        Assert.Equal(10 * Math.Exp(-10), (grown[0, 3] - grown[0, 1]).item<float>(), 1e-5);
    }

    [Fact]
    public void Standard_deviations_stand_for_the_inverse_weights()
    {
        using var scope = NewDisposeScope();

        var deltas = BoxCoder.FromStd(0.1, 0.1, 0.2, 0.2).Encode(Box(0, 0, 100, 100), Box(10, 20, 110, 140));

        Assert.True(allclose(deltas, Head.Encode(Box(0, 0, 100, 100), Box(10, 20, 110, 140))));
    }

    [Fact]
    public void Gradient_stays_finite_when_rows_that_do_not_count_are_replaced_before_encoding()
    {
        using var scope = NewDisposeScope();
        var deltas = zeros(2, 4, requires_grad: true);
        var valid = tensor(new[] { true, false }).unsqueeze(1);
        var unit = Box(0, 0, 1, 1);
        var (boxes, targets) = (cat([Box(0, 0, 10, 10), zeros(1, 4)]), cat([Box(1, 1, 12, 9), zeros(1, 4)]));

        var wanted = Head.Encode(where(valid, boxes, unit), where(valid, targets, unit));
        ((deltas - wanted).abs() * valid).sum().backward();

        Assert.True(isfinite(deltas.grad!).all().item<bool>());
        Assert.Equal(0, deltas.grad![1].abs().sum().item<float>());
    }

    [Fact]
    public void Decoding_is_the_same_in_onnx()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);

        OnnxParity.Check(
            x => [Head.Decode(x[0], x[1])],
            [
                [randn([1, 7, 4], generator: generator) * 20, Random(generator)[..1]],
                [randn([3, 7, 4], generator: generator) * 20, Random(generator)],
            ],
            1e-2);
    }

    [Fact]
    public void Each_call_leaves_one_tensor_alive()
    {
        using var scope = NewDisposeScope();
        var (boxes, targets) = (Box(0, 0, 100, 100), Box(10, 20, 110, 140));
        var before = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Head.Decode(Head.Encode(boxes, targets), boxes);

        Assert.Equal(before + 2, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static Tensor Box(float x1, float y1, float x2, float y2) => tensor(new[] { x1, y1, x2, y2 }).view(1, 4);

    private static Tensor Random(Generator generator) // [3, 7, 4]
    {
        var corners = rand([3, 7, 2], generator: generator) * 100;
        return cat([corners, corners + rand([3, 7, 2], generator: generator) * 50 + 4], 2);
    }
}
