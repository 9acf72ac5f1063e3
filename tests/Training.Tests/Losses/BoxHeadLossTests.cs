using Serve.Training.Boxes;
using Serve.Training.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

public sealed class BoxHeadLossTests
{
    private static readonly BoxCoder Coder = new(10, 10, 5, 5);

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Both_parts_are_those_of_plain_loops(int regressions)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var rows = Rows(generator);
        var truths = TestBoxes.Random(generator, 2, 2);
        var (logits, deltas) = (randn([10, 4], generator: generator), randn([10, regressions, 4], generator: generator));

        var (classification, box) = BoxHeadLoss.Compute(logits, deltas, rows, truths, Coder, beta: 0);

        var (entropy, regression, count) = (0.0, 0.0, 0);
        for (var row = 0; row < 10; row++)
        {
            var (image, place) = (row / 5, row % 5);
            if (!rows.Valid[image, place].item<bool>())
                continue;
            count++;
            var label = rows.Labels[image, place].item<long>();
            entropy -= nn.functional.log_softmax(logits[row], 0)[label].item<float>();
            if (!rows.Positive[image, place].item<bool>())
                continue;
            var sought = Coder.Encode(rows.Boxes[image, place], truths[image, rows.Owner[image, place].item<long>()]);
            regression += (deltas[row, regressions == 1 ? 0 : label] - sought).abs().sum().item<float>();
        }

        Assert.True(count is > 0 and < 10 && regression > 0);
        Assert.Equal(entropy / count, classification.item<float>(), 1e-5);
        Assert.Equal(regression / count, box.item<float>(), 1e-4);
    }

    [Fact]
    public void Without_a_row_that_counts_losses_and_gradients_are_zero()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(2);
        var rows = Rows(generator);
        rows = rows with { Positive = zeros_like(rows.Positive), Valid = zeros_like(rows.Valid), Labels = full_like(rows.Labels, 3) };
        var (logits, deltas) = (zeros(10, 4).requires_grad_(true), zeros(10, 3, 4).requires_grad_(true));

        var (classification, box) = BoxHeadLoss.Compute(logits, deltas, rows, zeros(2, 2, 4), Coder, beta: 0);
        (classification + box).backward();

        Assert.Equal((0, 0), (classification.item<float>(), box.item<float>()));
        Assert.Equal(0, logits.grad!.abs().sum().item<float>() + deltas.grad!.abs().sum().item<float>());
    }

    // Five rows an image: two objects, two of background, one that does not count (all its numbers are zero).
    private static RoiSamples Rows(Generator generator) => new(
        cat([TestBoxes.Random(generator, 2, 4), zeros(2, 1, 4)], 1),
        tensor(new long[] { 0, 2, 3, 3, 3, 1, 1, 3, 3, 3 }, [2, 5]),
        tensor(new long[] { 0, 1, 0, 0, 0, 1, 0, 1, 0, 0 }, [2, 5]),
        tensor(new[] { true, true, false, false, false, true, true, false, false, false }, [2, 5]),
        tensor(new[] { true, true, true, true, false, true, true, true, true, false }, [2, 5]),
        zeros(2, 5, dtype: ScalarType.Bool),
        zeros(2, 5));
}
