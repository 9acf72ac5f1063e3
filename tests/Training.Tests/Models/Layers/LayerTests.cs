using Serve.Training.Models.Layers;
using Serve.Training.Tests.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Layers;

public sealed class LayerTests
{
    [Fact]
    public void Linear_layer_exports_as_it_computes()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var layer = new LinearLayer(6, 4, init.UniformFanIn);

        OnnxParity.Check(layer.call, [rand(2, 6), rand(5, 6), rand(0, 6)]);

        Assert.Equal([4, 6], layer.state_dict()["weight"].shape);
        Assert.Equal([4], layer.state_dict()["bias"].shape);
    }

    [Fact]
    public void Transposed_convolution_doubles_a_map_and_exports_as_it_computes()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        using var layer = new TransposedConvolutionLayer(3, 4, 2, init.HeNormalFanOut);

        OnnxParity.Check(layer.call, [rand(1, 3, 5, 4), rand(3, 3, 7, 7), rand(0, 3, 7, 7)]);

        Assert.Equal([3, 4, 2, 2], layer.state_dict()["weight"].shape);
        Assert.Equal([1, 4, 10, 8], layer.call(new(rand(1, 3, 5, 4))).Value.shape);
    }

    [Fact]
    public void Fills_have_the_deviations_of_their_definitions()
    {
        using var scope = NewDisposeScope();
        using var init = new Initialisation(1);
        var (kernel, matrix, uniform, map) = (empty(64, 32, 3, 3), empty(512, 256), empty(512, 256), empty(256, 128, 1, 1));

        init.HeNormalFanOut(kernel);
        init.HeNormalFanOut(matrix);
        init.UniformFanIn(uniform);
        init.UniformFanIn(map);

        Assert.Equal(1, kernel.std().item<float>() / Math.Sqrt(2.0 / (64 * 9)), 0.02);
        Assert.Equal(1, matrix.std().item<float>() / Math.Sqrt(2.0 / 512), 0.02);
        Assert.Equal(1, uniform.std().item<float>() / Math.Sqrt(1.0 / 256), 0.02);
        Assert.Equal(1, uniform.abs().max().item<float>() / Math.Sqrt(3.0 / 256), 0.01);
        Assert.Equal(1, map.std().item<float>() / Math.Sqrt(1.0 / 128), 0.02);
    }
}
