using Serve.Training.Models.Fcos;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Recipes;
using static TorchSharp.torch;

namespace Serve.Training.Optimization;

public sealed class ParameterGroupsTests
{
    private static readonly OptimizerOptions Options = new() { LearningRate = 0.1, WeightDecay = 0.05, NormDecay = 0.01, BiasDecay = 0.02, BiasRate = 2 };

    [Fact]
    public void Every_parameter_is_there_once_in_the_modules_order()
    {
        using var detector = Detector();

        var groups = ParameterGroups.Of(detector, Options);

        Assert.Equal(detector.named_parameters().Select(entry => entry.name), groups.Select(group => group.Name));
        Assert.Equal(groups.Count, groups.Select(group => group.Parameter.Handle).Distinct().Count());
    }

    [Theory]
    [InlineData("backbone.conv1.weight", ParameterRole.Weight, 0.05, 1)]
    [InlineData("backbone.bn1.weight", ParameterRole.Norm, 0.01, 1)]
    [InlineData("backbone.bn1.bias", ParameterRole.Norm, 0.01, 1)]
    [InlineData("pyramid.p6.bias", ParameterRole.Bias, 0.02, 2)]
    [InlineData("head.scales", ParameterRole.Scale, 0, 1)]
    public void Decay_and_rate_follow_the_role(string name, ParameterRole role, double decay, double rate)
    {
        using var detector = Detector();

        var group = ParameterGroups.Of(detector, Options).Single(group => group.Name == name);

        Assert.Equal((role, decay, rate), (group.Role, group.WeightDecay, group.RateFactor));
    }

    [Fact]
    public void Each_norm_layer_has_two_parameters()
    {
        using var detector = Detector();

        var norms = ParameterGroups.Of(detector, Options).Count(group => group.Role == ParameterRole.Norm);

        Assert.Equal(2 * detector.modules().OfType<NormLayer>().Count(), norms);
    }

    [Theory]
    [InlineData("cascade-mask-rcnn-r50-gn")]
    [InlineData("fcos-r18-gn")]
    public void Scales_and_shifts_of_group_normalisation_do_not_decay(string name)
    {
        var recipe = RecipeCatalogue.All.Single(one => one.Name == name).Shrunk();
        using var detector = recipe.Detector.Create(seed: 1);

        var norms = ParameterGroups.Of(detector, recipe.Optimizer).Where(group => group.Role == ParameterRole.Norm).ToList();

        Assert.Equal(2 * detector.modules().OfType<GroupNormLayer>().Count(), norms.Count);
        Assert.All(norms, group => Assert.Equal(0, group.WeightDecay));
    }

    [Fact]
    public void Frozen_parameters_are_left_out_and_biases_may_decay_as_weights_do()
    {
        using var module = nn.Linear(2, 3);
        module.weight!.requires_grad = false;

        var group = Assert.Single(ParameterGroups.Of(module, Options with { BiasDecay = null }));

        Assert.Equal(("bias", 0.05), (group.Name, group.WeightDecay));
    }

    [Fact]
    public void Rate_of_a_group_multiplies_that_of_the_step()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Linear(1, 1);
        var (weight, bias) = (module.weight!.item<float>(), module.bias!.item<float>());
        using var optimizer = (Options with { Kind = OptimizerKind.Sgd, WeightDecay = 0, BiasDecay = 0 }).Create(module);

        module.call(ones(1, 1)).sum().backward();
        optimizer.Step(0.1);

        Assert.Equal(weight - 0.1, module.weight!.item<float>(), 1e-6);
        Assert.Equal(bias - 0.2, module.bias!.item<float>(), 1e-6);
    }

    private static FcosDetector Detector() => new(new FcosOptions { CategoryCount = 3, Neck = NeckOptions.Dense with { Channels = 32 }, TowerDepth = 1 }, seed: 1);
}
