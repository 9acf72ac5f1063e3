using static TorchSharp.torch;

namespace Serve.Training.Losses;

public sealed class SmoothL1Tests
{
    [Theory]
    [InlineData(1.0 / 9, 0.05, 0.01125)]
    [InlineData(1.0 / 9, 1, 0.9444444)]
    [InlineData(1, -0.5, 0.125)]
    [InlineData(1, -3, 2.5)]
    [InlineData(0, 0.05, 0.05)]
    [InlineData(0, -2, 2)]
    public void Loss_is_square_up_to_beta_and_linear_beyond(double beta, double difference, double expected)
    {
        using var scope = NewDisposeScope();

        Assert.Equal(expected, SmoothL1.Compute(tensor((float)difference), beta).item<float>(), 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1.0 / 9)]
    public void Gradient_is_finite_and_zero_at_zero(double beta)
    {
        using var scope = NewDisposeScope();
        var difference = tensor(new[] { 0f, 1f, -1f }, requires_grad: true);

        SmoothL1.Compute(difference, beta).sum().backward();

        Assert.Equal([0f, 1f, -1f], difference.grad!.data<float>().ToArray());
    }
}
