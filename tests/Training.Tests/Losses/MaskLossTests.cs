using Serve.Training.Losses;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Losses;

public sealed class MaskLossTests
{
    [Fact]
    public void Loss_is_the_mean_cross_entropy_of_the_objects_own_class()
    {
        using var scope = NewDisposeScope();
        var (logits, targets) = (randn(3, 4, 5, 5), rand(3, 5, 5).gt(0.5).to_type(float32));
        long[] labels = [2, 0, 3];

        var loss = MaskLoss.Compute(logits, tensor(labels), targets).item<float>();

        double sum = 0;
        for (var row = 0; row < 3; row++)
        {
            var (own, wanted) = (logits[row, labels[row]].flatten().data<float>().ToArray(), targets[row].flatten().data<float>().ToArray());
            sum += own.Zip(wanted).Sum(pair => -Math.Log(pair.Second > 0 ? Sigmoid(pair.First) : 1 - Sigmoid(pair.First)));
        }

        Assert.Equal(sum / 75, loss, 1e-5);

        static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
    }

    [Fact]
    public void Other_classes_have_no_gradient()
    {
        using var scope = NewDisposeScope();
        var logits = randn(1, 3, 2, 2).requires_grad_();

        MaskLoss.Compute(logits, tensor(new long[] { 1 }), ones(1, 2, 2)).backward();

        Assert.Equal([false, true, false], logits.grad!.ne(0).flatten(2).any(2)[0].data<bool>());
    }

    [Fact]
    public void Undecided_masks_have_a_loss_of_ln_2()
    {
        using var scope = NewDisposeScope();

        Assert.Equal(Math.Log(2), MaskLoss.Compute(zeros(2, 3, 4, 4), zeros(2, dtype: int64), ones(2, 4, 4)).item<float>(), 1e-6);
    }
}
