using Serve.Training.Models;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

public sealed class LossWindowTests
{
    [Fact]
    public void Means_are_taken_over_the_steps_since_the_last_call()
    {
        using var scope = NewDisposeScope();
        using var window = new LossWindow(CPU);
        window.Add(0, 0.1, Losses(3, 1), tensor(5f));
        window.Add(1, 0.1, Losses(5, 2), tensor(7f));

        var means = window.TakeMeans();

        Assert.Equal(4, means["total"]);
        Assert.Equal(1.5, means["box"]);
        Assert.Equal(6, means["gradientNorm"]);
        Assert.Empty(window.TakeMeans());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Loss_that_is_not_finite_is_named_with_what_was_seen_before(float loss)
    {
        using var scope = NewDisposeScope();
        using var window = new LossWindow(CPU);
        window.Add(7, 0.1, Losses(3, 1), tensor(5f));

        var fault = Assert.Throws<TrainingDivergedException>(() => window.Add(8, 0.05, Losses(3, loss), tensor(5f)));

        Assert.StartsWith($"Training stopped at step 8: box not finite (total 3, box {loss}, gradientNorm 5) at learning rate 0.05. "
            + "Last finite values: step 7: total 3, box 1, gradientNorm 5. ", fault.Message, StringComparison.Ordinal);
    }

    private static DetectorLosses Losses(float total, float box) => new(tensor(total), new Dictionary<string, Tensor> { ["box"] = tensor(box) });
}
