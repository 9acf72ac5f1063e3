using static TorchSharp.torch;

namespace Serve.Training.Losses;

public sealed class FocalLossTests
{
    private const float InitialBias = -4.59512f;    // p = 0.01

    [Fact]
    public void Negative_at_the_initial_bias_costs_nearly_nothing()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(7.5378e-7, FocalLoss.Compute(tensor(InitialBias), tensor(0f)).item<float>(), 1e-10);
    }

    [Fact]
    public void Positive_at_the_initial_bias_costs_much()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(1.12838, FocalLoss.Compute(tensor(InitialBias), tensor(1f)).item<float>(), 1e-5);
    }

    [Fact]
    public void Loss_and_gradient_are_finite_at_extreme_logits()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new[] { -200f, 200f, -200f, 200f }, requires_grad: true);

        var loss = FocalLoss.Compute(logits, tensor(new[] { 0f, 0f, 1f, 1f }));
        loss.sum().backward();

        Assert.True(isfinite(loss).all().item<bool>());
        Assert.True(isfinite(logits.grad!).all().item<bool>());
    }
}
