using Serve.Training.Models.Layers;
using Serve.Training.Models.Necks;
using Serve.Training.Tests.Tracing;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Models.Necks;

public sealed class AdderPyramidTests
{
    public static TheoryData<AdderPyramidForm> Forms => [.. Enum.GetValues<AdderPyramidForm>()];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Levels_have_half_the_size_each_and_every_parameter_gets_a_gradient(AdderPyramidForm form)
    {
        using var scope = NewDisposeScope();
        using var neck = Of(form);

        var levels = neck.call(Maps(2));
        levels.Aggregate(zeros(1), (sum, level) => sum + level.Map.Value.square().sum()).backward();

        Assert.Equal([8, 16, 32, 64, 128], levels.Select(level => level.Stride));
        Assert.Equal([[2, 6, 13, 17], [2, 6, 7, 9], [2, 6, 4, 5], [2, 6, 2, 3], [2, 6, 1, 2]], levels.Select(level => level.Map.Value.shape));
        Assert.All(neck.named_parameters(), entry => Assert.False(entry.parameter.grad is null, entry.name));
        Assert.Empty(neck.modules().OfType<ConvolutionLayer>());
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Export_computes_the_same(AdderPyramidForm form)
    {
        using var scope = NewDisposeScope();
        using var neck = Of(form);
        Settle(neck);

        OnnxParity.Check(x => [.. neck.call(x).Select(level => level.Map)], [[.. Maps(1).Select(map => map.Value)], [.. Maps(3).Select(map => map.Value)]], 1e-3);
    }

    // N3 = L3, M = N + A3(N), N of the next = L + A3s2(M) + M subsampled; T5 = M5, T = M + T upsampled; P = T + A3(T); P6, P7 = A3s2 + subsampled.
    [Fact]
    public void Bottom_up_first_is_the_formula()
    {
        using var scope = NewDisposeScope();
        using var neck = Of(AdderPyramidForm.BottomUpFirst);
        Settle(neck);
        var state = neck.state_dict();
        var input = Maps(1);

        var levels = neck.call(input);

        var m3 = Residual("path.0", Layer("lateral.0", input[1], 1));
        var m4 = Residual("path.1", Layer("lateral.1", input[2], 1) + Half("down.0", m3));
        var m5 = Residual("path.2", Layer("lateral.2", input[3], 1) + Half("down.1", m4));
        var t4 = m4 + m5.UpsampleTo(m4);
        var t3 = m3 + t4.UpsampleTo(m3);
        TracedTensor[] outputs = [Residual("output.0", t3), Residual("output.1", t4), Residual("output.2", m5)];
        var p6 = Half("p6", outputs[2]);
        foreach (var (wanted, level) in outputs.Append(p6).Append(Half("p7", p6)).Zip(levels))
            Assert.True(wanted.Value.allclose(level.Map.Value, rtol: 1e-4, atol: 1e-4));

        TracedTensor Layer(string name, TracedTensor x, int size, int stride = 1)
            => x.AdderConv(state[$"{name}.adder.weight"], stride, (size - 1) / 2, AdderGradient.Sign)
                .BatchNorm(state[$"{name}.norm.weight"], state[$"{name}.norm.bias"], state[$"{name}.norm.running_mean"], state[$"{name}.norm.running_var"], training: false);

        TracedTensor Residual(string name, TracedTensor x) => x + Layer(name, x, 3);

        TracedTensor Half(string name, TracedTensor x) => Layer(name, x, 3, stride: 2) + x.Subsample(2);
    }

    // Statistics of what the layers really put out: without them values grow from layer to layer.
    private static void Settle(Neck neck)
    {
        using var _ = no_grad();
        for (var i = 0; i < 60; i++)
        {
            using var scope = NewDisposeScope();
            neck.call(Maps(3));
        }

        neck.eval();
    }

    private static Neck Of(AdderPyramidForm form)
    {
        using var init = new Initialisation(1);
        return (NeckOptions.Dense with { Kind = NeckKind.Adder, Channels = 6, Adder = new() { Form = form } }).Create([4, 5, 6, 7], init);
    }

    private static TracedTensor[] Maps(int images)
    {
        using var generator = new Generator(4);
        return [Map(4, 25, 34), Map(5, 13, 17), Map(6, 7, 9), Map(7, 4, 5)];

        TracedTensor Map(int channels, int height, int width) => new(randn([images, channels, height, width], generator: generator));
    }
}
