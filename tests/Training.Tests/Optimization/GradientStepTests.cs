using Serve.Training.Models.Layers;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using OptimizerOptions = Serve.Training.Recipes.OptimizerOptions;

namespace Serve.Training.Optimization;

public sealed class GradientStepTests
{
    private static readonly OptimizerOptions Options = new() { LearningRate = 0.1, WeightDecay = 0.05, ClipNorm = 1 };

    [Fact]
    public void Adder_kernel_has_its_own_role_and_decays_like_a_weight()
    {
        using var network = new Network();

        var groups = ParameterGroups.Of(network, Options);

        Assert.Equal((ParameterRole.Adder, 0.05), groups.Where(group => group.Name == "adder.weight").Select(group => (group.Role, group.WeightDecay)).Single());
        Assert.Equal(ParameterRole.Weight, groups.Single(group => group.Name == "linear.weight").Role);
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1)]
    [InlineData(1e4)]
    public void Gradient_of_an_adder_layer_has_a_length_that_follows_from_its_size_alone(double lossScale)
    {
        using var scope = NewDisposeScope();
        using var network = new Network();
        using var optimizer = Options.Create(network);
        (network.Loss() * lossScale).backward();
        var direction = nn.functional.normalize(network.Adder.grad!.flatten(), dim: 0);

        GradientStep.Apply(optimizer, Options);

        var gradient = network.Adder.grad!.flatten();
        Assert.Equal(Math.Sqrt(36_864) / 5, linalg.vector_norm(gradient).item<float>(), 1e-3);
        Assert.True(allclose(direction, nn.functional.normalize(gradient, dim: 0), atol: 1e-6));
    }

    [Fact]
    public void Limit_and_reported_norm_are_those_of_all_other_gradients()
    {
        using var scope = NewDisposeScope();
        using var network = new Network();
        using var optimizer = Options.Create(network);
        (network.Loss() * 100).backward();
        var before = linalg.vector_norm(network.Weight.grad!).item<float>();

        var norm = GradientStep.Apply(optimizer, Options);

        Assert.True(before > 1);
        Assert.Equal(before, norm.item<float>(), before * 1e-5);
        Assert.Equal(1, linalg.vector_norm(network.Weight.grad!).item<float>(), 1e-4);
    }

    [Fact]
    public void Adder_layer_without_gradient_and_one_of_zeros_stay_as_they_are()
    {
        using var scope = NewDisposeScope();
        using var network = new Network();
        using var optimizer = Options.Create(network);

        GradientStep.Apply(optimizer, Options);
        (network.Loss() * 0).backward();
        GradientStep.Apply(optimizer, Options);

        Assert.Equal(0, network.Adder.grad!.abs().max().item<float>());
    }

    [Fact]
    public void Only_the_norm_is_left_behind()
    {
        using var network = new Network();
        using var optimizer = Options.Create(network);
        using (NewDisposeScope())
            network.Loss().backward();
        GradientStep.Apply(optimizer, Options).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (NewDisposeScope())
        {
            GradientStep.Apply(optimizer, Options);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private sealed class Network : nn.Module
    {
        private readonly AdderLike adder = new();
        private readonly Linear linear = nn.Linear(3, 4, hasBias: false);

        public Network() : base(nameof(Network)) => RegisterComponents();

        public Parameter Adder => adder.weight;

        public Parameter Weight => linear.weight!;

        public Tensor Loss() => (adder.weight * arange(36_864, float32).view(64, 64, 3, 3)).sum() + linear.call(ones(1, 3)).sum();
    }

    private sealed class AdderLike : nn.Module, IAdderWeights
    {
        public readonly Parameter weight = new(randn(64, 64, 3, 3));

        public AdderLike() : base(nameof(AdderLike)) => RegisterComponents();
    }
}
