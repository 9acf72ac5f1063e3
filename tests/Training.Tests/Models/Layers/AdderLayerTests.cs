using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Layers;

public sealed class AdderLayerTests
{
    [Fact]
    public void Output_is_the_negative_sum_of_distances()
    {
        using var scope = NewDisposeScope();

        var y = new TracedTensor(tensor(new float[] { 1, 2, 3, 4 }).view(1, 1, 2, 2)).AdderConv(zeros(1, 1, 2, 2), 1, 0, AdderGradient.Sign).Value;

        Assert.Equal(-10, y.item<float>());
    }

    [Fact]
    public void Padding_takes_part_as_zeros()
    {
        using var scope = NewDisposeScope();

        var y = new TracedTensor(zeros(1, 3, 4, 5)).AdderConv(full(2, 3, 3, 3, 0.5f), 1, 1, AdderGradient.Sign).Value;

        Assert.Equal([1, 2, 4, 5], y.shape);
        Assert.True(y.eq(-13.5).all().item<bool>());
    }

    [Theory]
    [InlineData(0.3, AdderGradient.HardTanh, -0.3, 0.3)]
    [InlineData(0.3, AdderGradient.Sign, -1, 0.3)]
    [InlineData(0.3, AdderGradient.Exact, -1, 1)]
    [InlineData(2.5, AdderGradient.HardTanh, -1, 2.5)]
    [InlineData(2.5, AdderGradient.Sign, -1, 2.5)]
    public void Gradients_are_those_of_the_papers(double difference, AdderGradient gradient, double ofInput, double ofWeight)
    {
        using var scope = NewDisposeScope();
        var x = full(1, 1, 1, 1, (float)difference).requires_grad_();
        var weight = zeros(1, 1, 1, 1).requires_grad_();

        new TracedTensor(x).AdderConv(weight, 1, 0, gradient).Value.sum().backward();

        Assert.Equal(ofInput, x.grad!.item<float>(), 1e-6);
        Assert.Equal(ofWeight, weight.grad!.item<float>(), 1e-6);
    }

    [Fact]
    public void Weights_start_from_a_standard_normal_distribution()
    {
        using var init = new Initialisation(3);
        using var layer = new AdderLayer(64, 64, 3, init);
        using var scope = NewDisposeScope();
        var weight = layer.state_dict()["weight"];

        Assert.Equal(36_864, weight.numel());
        Assert.Equal(0, weight.mean().item<float>(), 0.02);
        Assert.Equal(1, weight.std().item<float>(), 0.02);
    }
}
