using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>The two element-wise losses of Li et al., "Generalized focal loss".</summary>
public sealed class GeneralisedFocalLossTests
{
    [Theory]
    [InlineData(0.0, 0.0, 0.25 * 0.693147)]     // p = 0.5, q = 0: (0.5)^2 ln 2
    [InlineData(0.0, 0.5, 0)]                   // as good as can be
    [InlineData(0.0, 1.0, 0.25 * 0.693147)]
    [InlineData(2.0, 0.3, double.NaN)]          // the formula alone
    public void Quality_focal_loss_is_the_formula(double logit, double quality, double expected)
    {
        using var scope = NewDisposeScope();
        var p = 1 / (1 + Math.Exp(-logit));
        var formula = Math.Pow(Math.Abs(quality - p), 2) * -(quality * Math.Log(p) + (1 - quality) * Math.Log(1 - p));

        var loss = QualityFocalLoss.Compute(tensor((float)logit), tensor((float)quality)).item<float>();

        Assert.Equal(formula, loss, 1e-5);
        if (!double.IsNaN(expected))
            Assert.Equal(expected, loss, 1e-5);
    }

    [Fact]
    public void Distribution_focal_loss_weighs_the_two_bins_around_a_distance()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new[] { 0.1f, 0.5f, -0.2f, 1.0f });
        var logarithms = nn.functional.log_softmax(logits, 0).data<float>().ToArray();

        var between = DistributionFocalLoss.Compute(logits.unsqueeze(0), tensor(new[] { 1.25f })).item<float>();
        var whole = DistributionFocalLoss.Compute(logits.unsqueeze(0), tensor(new[] { 2f })).item<float>();

        Assert.Equal(-(0.75 * logarithms[1] + 0.25 * logarithms[2]), between, 1e-5);
        Assert.Equal(-logarithms[2], whole, 1e-5);
    }

    [Fact]
    public void Gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var quality = rand([3, 4], generator: generator, dtype: float64);
        var distances = rand([5], generator: generator, dtype: float64) * 5.9;

        AssertGradient(randn([3, 4], generator: generator, dtype: float64), x => QualityFocalLoss.Compute(x, quality).sum());
        AssertGradient(randn([5, 8], generator: generator, dtype: float64), x => DistributionFocalLoss.Compute(x, distances).sum());
    }

    private static void AssertGradient(Tensor at, Func<Tensor, Tensor> loss)
    {
        const double Step = 1e-5;
        var x = at.clone().requires_grad_();
        loss(x).backward();
        for (var i = 0L; i < at.numel(); i++)
        {
            var (up, down) = (at.clone(), at.clone());
            up.view(-1)[i] += Step;
            down.view(-1)[i] -= Step;
            Assert.Equal((loss(up) - loss(down)).item<double>() / (2 * Step), x.grad!.view(-1)[i].item<double>(), 1e-6);
        }
    }
}
