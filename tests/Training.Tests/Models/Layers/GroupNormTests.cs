using Serve.Training.Models;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Layers;

/// <summary>Group normalisation against hand-computed values, its definition's invariants, and finite differences.</summary>
public sealed class GroupNormTests
{
    // Without variance the root of epsilon divides: rounding comes out 300 times as large.
    [Theory]
    [InlineData(2, new[] { -0.999995f, 0.999995f, -0.99999875f, 0.99999875f }, 2e-6)]
    [InlineData(1, new[] { -1.183215f, -0.507092f, 0.169031f, 1.521276f }, 2e-6)]
    [InlineData(4, new[] { 0f, 0, 0, 0 }, 1e-4)]
    public void Values_are_those_computed_by_hand(int groups, float[] expected, double tolerance)
    {
        using var scope = NewDisposeScope();

        var actual = Normalised(tensor(new float[] { 1, 3, 5, 9 }).view(1, 4, 1, 1), groups);

        Assert.All(expected.Zip(actual.data<float>()), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    [Fact]
    public void Constant_input_gives_the_shift()
    {
        using var scope = NewDisposeScope();
        var shift = rand(8);

        var actual = new TracedTensor(full(2, 8, 3, 3, 7f)).GroupNorm(4, rand(8), shift).Value;

        Assert.InRange((actual - shift.view(1, 8, 1, 1)).abs().max().item<float>(), 0, 1e-3); // rounding of the mean, divided by the root of epsilon
    }

    [Fact]
    public void Each_group_of_each_image_has_mean_zero_and_variance_one()
    {
        using var scope = NewDisposeScope();
        var input = randn(3, 8, 5, 7) * 4 + 2;

        var grouped = Normalised(input, 4).view(3, 4, -1);
        var variance = input.view(3, 4, -1).var(2, unbiased: false);

        Assert.InRange(grouped.mean([2]).abs().max().item<float>(), 0, 1e-6);
        Assert.InRange((grouped.var(2, unbiased: false) - variance / (variance + 1e-5)).abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void Scale_and_shift_of_an_images_group_make_no_difference()
    {
        using var scope = NewDisposeScope();
        var input = randn(2, 8, 6, 6);
        var factor = tensor(new float[] { 2, 3, 4, 5, 6, 7, 8, 9 }).view(2, 4, 1, 1).repeat_interleave(2, 1);

        var moved = Normalised(input * factor + factor * 10, 4);

        Assert.InRange((moved - Normalised(input, 4)).abs().max().item<float>(), 0, 1e-4);
    }

    [Fact]
    public void An_image_does_not_depend_on_the_others_of_its_batch_and_with_batch_norm_it_does()
    {
        using var scope = NewDisposeScope();
        using var group = Norm.Group(4).Create(8);
        using var batch = Norm.Batch.Create(8);
        var first = randn(1, 8, 6, 6);
        var (with, without) = (cat([first, randn(1, 8, 6, 6)]), cat([first, randn(1, 8, 6, 6) * 9]));

        Assert.True(Of(group, with).Equals(Of(group, without)));
        Assert.False(Of(batch, with).Equals(Of(batch, without)));

        static Tensor Of(NormLayer layer, Tensor input) => layer.call(new TracedTensor(input)).Value[..1];
    }

    [Fact]
    public void Equals_instance_norm_of_groups()
    {
        using var scope = NewDisposeScope();
        var (input, scale, shift) = (randn(2, 8, 5, 3), randn(8), randn(8));

        var actual = new TracedTensor(input).GroupNorm(4, scale, shift).Value;
        var expected = nn.functional.instance_norm(input.view(2, 4, -1), use_input_stats: true, eps: 1e-5).view(2, 8, 5, 3) * scale.view(1, 8, 1, 1) + shift.view(1, 8, 1, 1);

        Assert.InRange((actual - expected).abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void Gradient_is_that_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        var (input, scale, shift, weights) = (randn(1, 4, 2, 3, dtype: float64).requires_grad_(), randn(4, dtype: float64), randn(4, dtype: float64), randn(1, 4, 2, 3, dtype: float64));

        Value(input).backward();

        using var noGradient = no_grad();
        var flat = input.view(-1);
        for (var i = 0; i < flat.numel(); i++)
        {
            var step = zeros_like(flat);
            step[i] = 1e-5;
            var difference = (Value((flat + step).view_as(input)) - Value((flat - step).view_as(input))).item<double>() / 2e-5;
            Assert.Equal(difference, input.grad!.view(-1)[i].item<double>(), 1e-6);
        }

        Tensor Value(Tensor x) => (new TracedTensor(x).GroupNorm(2, scale, shift).Value * weights).sum();
    }

    [Fact]
    public void Training_and_inference_compute_the_same()
    {
        using var scope = NewDisposeScope();
        using var layer = Norm.Group(4).Create(8);
        var input = new TracedTensor(randn(2, 8, 4, 4));

        layer.train();
        var training = layer.call(input).Value;
        layer.eval();

        Assert.True(training.Equals(layer.call(input).Value));
        Assert.Empty(layer.buffers());
    }

    [Fact]
    public void No_rows_give_no_rows()
    {
        using var scope = NewDisposeScope();

        Assert.Equal([0, 8, 4, 4], Normalised(zeros(0, 8, 4, 4), 4).shape);
    }

    private static Tensor Normalised(Tensor input, int groups)
    {
        var channels = input.shape[1];
        return new TracedTensor(input).GroupNorm(groups, ones(channels), zeros(channels)).Value;
    }
}
