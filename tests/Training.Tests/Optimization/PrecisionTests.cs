using Serve.Training.Data;
using Serve.Training.Models.Fcos;
using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Recipes;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Optimization;

public sealed class PrecisionTests
{
    [Fact]
    public void Convolution_rounds_what_it_multiplies_and_gives_float32()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var layer = new ConvolutionLayer(8, 16, 3, init.HeNormalFanOut);
        var input = rand(2, 8, 12, 10);

        var exact = layer.call(new TracedTensor(input)).Value;
        layer.SetPrecision(Precision.BFloat16);
        var rounded = layer.call(new TracedTensor(input)).Value;
        rounded.square().sum().backward();

        Assert.Equal((ScalarType.Float32, ScalarType.Float32), (rounded.dtype, layer.state_dict()["weight"].dtype));
        Assert.False(allclose(exact, rounded, rtol: 1e-6, atol: 1e-6));
        Assert.True(allclose(exact, rounded, rtol: 2e-2, atol: 2e-2));
        Assert.Equal(ScalarType.Float32, layer.named_parameters().First().parameter.grad!.dtype);
    }

    [Fact]
    public void Matrix_products_and_transposed_convolutions_do_the_same()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var linear = new LinearLayer(32, 16, init.Normal(0.1));
        using var transposed = new TransposedConvolutionLayer(8, 16, 2, init.Normal(0.1));

        AssertRounds(linear, rand(4, 32));
        AssertRounds(transposed, rand(2, 8, 5, 6));

        static void AssertRounds(nn.Module<TracedTensor, TracedTensor> layer, Tensor input)
        {
            var exact = layer.call(new TracedTensor(input)).Value;
            layer.SetPrecision(Precision.BFloat16);
            var rounded = layer.call(new TracedTensor(input)).Value;
            Assert.Equal(ScalarType.Float32, rounded.dtype);
            Assert.False(allclose(exact, rounded, rtol: 1e-6, atol: 1e-6));
            Assert.True(allclose(exact, rounded, rtol: 2e-2, atol: 2e-2));
        }
    }

    // What differs is the work of ReLUs that rounding turns on or off, most of it behind the 17 layers of the backbone: two layers of head alone leave a ten-thousandth, and
    // float16, whose steps are an eighth of bfloat16's, about an eighth of what bfloat16 leaves. Norms and losses in fewer bits would show in the head too.
    [Theory]
    [InlineData(ScalarType.BFloat16, "head", 0.9995)]
    [InlineData(ScalarType.BFloat16, "", 0.97)]
    [InlineData(ScalarType.Float16, "", 0.995)]
    public void Losses_and_gradients_of_a_detector_stay_float32_and_near_those_of_full_precision(ScalarType type, string part, double nearest)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        using var exact = Detector();
        using var rounded = Detector();
        foreach (var (name, module) in rounded.named_modules())
        {
            if (module is IComputeType layer && name.StartsWith(part, StringComparison.Ordinal))
                layer.ComputeType = type;
        }

        var targets = new DetectionTargets(tensor(new float[] { 8, 8, 56, 48 }).view(1, 4), tensor(new long[] { 1 }), zeros(0, 4));
        var input = new Models.TrainingInput(rand([1, 3, 64, 96], generator: generator) * 255, [targets], Seed: 1);

        var expected = exact.Loss(input);
        var losses = rounded.Loss(input);
        expected.Total.backward();
        losses.Total.backward();

        Assert.Equal(ScalarType.Float32, losses.Total.dtype);
        Assert.Equal(expected.Total.item<float>(), losses.Total.item<float>(), 0.002 * expected.Total.item<float>());
        var (right, left) = (Gradient(exact), Gradient(rounded));
        Assert.NotEqual(0, (right - left).abs().max().item<float>());
        Assert.InRange((right * left).sum().item<float>() / (right.norm() * left.norm()).item<float>(), nearest, 1.001);
    }

    [Fact]
    public void Training_in_bfloat16_keeps_weights_and_averages_in_float32()
    {
        using var state = Runs.TrainingState.Create(FcosR18Gn.Recipe.Shrunk() with { Precision = Precision.BFloat16 }, CPU);

        Assert.All(state.Detector.state_dict().Values, tensor => Assert.Equal(ScalarType.Float32, tensor.dtype));
        Assert.All(state.Detector.modules().OfType<IComputeType>(), layer => Assert.Equal(ScalarType.BFloat16, layer.ComputeType));
        Assert.All(state.Average.modules().OfType<IComputeType>(), layer => Assert.Equal(ScalarType.Float32, layer.ComputeType));
    }

    private static Tensor Gradient(FcosDetector detector) => cat(detector.parameters().Select(parameter => parameter.grad!.flatten()).ToArray());

    private static FcosDetector Detector() => new(
        new FcosOptions { CategoryCount = 2, Backbone = new() { Depth = 18, Width = 8 }, Neck = NeckOptions.Dense with { Channels = 32 }, TowerDepth = 1 }, seed: 1);
}
