using Serve.Eval;
using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Fcos;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Backbones;

public sealed class AdderBackboneTests
{
    private static readonly BackboneOptions Adder = new() { Kind = BackboneKind.Adder, Norm = Norm.Batch };

    [Fact]
    public void All_layers_but_the_first_are_adders_and_the_parameters_are_those_of_a_residual_network()
    {
        using var init = new Initialisation(1);
        using var body = Adder.Create(init);

        Assert.Single(body.modules().OfType<ConvolutionLayer>());
        Assert.Equal(3 * (3 + 4 + 6 + 3) + 4, body.modules().OfType<AdderLayer>().Count());
        Assert.Equal(23_508_032, body.parameters().Sum(parameter => parameter.numel()));
    }

    [Fact]
    public void Statistics_move_in_training_and_every_parameter_gets_a_gradient()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var body = (Adder with { Depth = 18, Width = 8 }).Create(init);
        body.train();

        body.call(new TracedTensor(randn(2, 3, 64, 64)))[3].Value.square().sum().backward();

        Assert.False(body.state_dict()["layer1.0.bn1.running_mean"].eq(0).all().item<bool>());
        Assert.All(body.named_parameters(), entry => Assert.True(isfinite(entry.parameter.grad!).all().item<bool>(), entry.name));
    }

    [Theory]
    [InlineData(NormKind.None, 0, "Backbone.Norm.Kind is None; allowed: Batch, Group or FrozenBatch, as distances have to be scaled.")]
    [InlineData(NormKind.Batch, 2, "Backbone.FreezeAt is 2; allowed: 0, as with frozen statistics an adder network did not converge in the paper.")]
    public void What_cannot_be_trained_is_refused(NormKind norm, int freezeAt, string expected)
    {
        var options = new FcosOptions { CategoryCount = 1, Backbone = Adder with { Norm = new Norm(norm), FreezeAt = freezeAt } };

        var fault = Assert.Throws<InvalidInputException>(() => new FcosDetector(options, seed: 1));

        Assert.Equal($"Detector options: {expected}", fault.Message);
    }
}
