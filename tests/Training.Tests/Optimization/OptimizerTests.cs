using TorchSharp;
using static TorchSharp.torch;

namespace Serve.Training.Optimization;

public sealed class OptimizerTests
{
    private const double Rate = 0.05;
    private const double Decay = 0.1;

    [Fact]
    public void AdamW_takes_the_steps_of_libtorch()
        => AssertSameSteps(module => new AdamW(Groups(module)), (matrices, vectors) => optim.AdamW(
            [
                new TorchSharp.Modules.AdamW.ParamGroup(matrices, new() { weight_decay = Decay, LearningRate = Rate }),
                new TorchSharp.Modules.AdamW.ParamGroup(vectors, new() { weight_decay = 0, LearningRate = Rate }),
            ],
            lr: Rate));

    [Fact]
    public void Sgd_takes_the_steps_of_libtorch()
        => AssertSameSteps(module => new Sgd(Groups(module), momentum: 0.9), (matrices, vectors) => optim.SGD(
            [
                new TorchSharp.Modules.SGD.ParamGroup(matrices, new() { weight_decay = Decay, momentum = 0.9, LearningRate = Rate }),
                new TorchSharp.Modules.SGD.ParamGroup(vectors, new() { weight_decay = 0, momentum = 0.9, LearningRate = Rate }),
            ],
            learningRate: Rate));

    [Fact]
    public void State_is_named_after_its_parameter()
    {
        using var module = Network();
        using var optimizer = new AdamW(Groups(module));

        Assert.Equal(["mean.0.bias", "mean.0.weight", "mean.2.bias", "mean.2.weight"], optimizer.State.Keys.Where(key => key.StartsWith("mean.", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void Steps_leave_no_tensors_behind()
    {
        using var module = Network();
        using var optimizer = new AdamW(Groups(module));
        BackwardOnce(module, step: 0);
        optimizer.Step(Rate);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        for (var step = 0; step < 5; step++)
        {
            using var scope = NewDisposeScope();
            optimizer.ZeroGradients();
            BackwardOnce(module, step);
            GradientClip.ByNorm(optimizer.Groups.Select(group => group.Parameter), maxNorm: 0.01);
            optimizer.Step(Rate);
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1e6)]
    [InlineData(double.PositiveInfinity)]
    public void Gradient_is_scaled_to_the_limit_only_when_longer(double limit)
    {
        using var scope = NewDisposeScope();
        using var module = Network();
        BackwardOnce(module, step: 0);
        var before = cat(module.parameters().Select(p => p.grad!.flatten()).ToArray()).clone();
        var length = before.norm().item<float>();

        var norm = GradientClip.ByNorm([.. module.parameters().Cast<TorchSharp.Modules.Parameter>()], limit);

        var after = cat(module.parameters().Select(p => p.grad!.flatten()).ToArray());
        Assert.Equal(length, norm.item<float>(), 1e-3);
        Assert.True(allclose(after, before * Math.Min(1, limit / length), rtol: 1e-4));
    }

    private static void AssertSameSteps(
        Func<nn.Module, Optimizer> create, Func<IEnumerable<TorchSharp.Modules.Parameter>, IEnumerable<TorchSharp.Modules.Parameter>, optim.Optimizer> createReference)
    {
        using var scope = NewDisposeScope();
        using var module = Network();
        using var twin = Network();
        twin.load_state_dict(module.state_dict());
        using var optimizer = create(module);
        using var reference = createReference(twin.parameters().Where(p => p.dim() > 1), twin.parameters().Where(p => p.dim() == 1));

        for (var step = 0; step < 10; step++)
        {
            optimizer.ZeroGradients();
            reference.zero_grad();
            BackwardOnce(module, step);
            BackwardOnce(twin, step);
            optimizer.Step(Rate);
            reference.step();
        }

        foreach (var (mine, theirs) in module.parameters().Zip(twin.parameters()))
            Assert.True(allclose(mine, theirs, rtol: 1e-5, atol: 1e-6), $"largest difference {(mine - theirs).abs().max().item<float>()}");
    }

    private static IReadOnlyList<ParameterGroup> Groups(nn.Module module)
        => ParameterGroups.Of(module, new Recipes.OptimizerOptions { LearningRate = Rate, WeightDecay = Decay });

    private static TorchSharp.Modules.Sequential Network() => nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2));

    private static void BackwardOnce(nn.Module<Tensor, Tensor> module, int step)
    {
        using var scope = NewDisposeScope();
        var generator = new Generator((ulong)(100 + step));
        module.call(randn([4, 6], generator: generator)).square().sum().backward();
    }
}
