using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Serve.Training.Export;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Export;

public sealed class BatchNormFoldingTests
{
    public static TheoryData<string, Func<TracedTensor, TracedTensor>> Layers
    {
        get
        {
            using var generator = new Generator(8);
            var (plain, transposed, bias) = (randn([5, 4, 3, 3], generator: generator), randn([4, 5, 2, 2], generator: generator), randn([5], generator: generator));
            var offsets = new TracedTensor(randn([1, 18, 6, 6], generator: generator));
            return new()
            {
                { "Conv", x => x.Conv(plain, null, 1, 1) },
                { "Conv", x => x.Conv(plain, bias, 1, 1) },
                { "ConvTranspose", x => x.ConvTranspose(transposed, null, 2) },
                { "ConvTranspose", x => x.ConvTranspose(transposed, bias, 2) },
                { "DeformConv", x => x.DeformableConv(offsets, plain, 1, 1) },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Normalisation_disappears_into_the_convolution_before_it(string operation, Func<TracedTensor, TracedTensor> layer)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(9);
        var (weight, shift, mean) = (Values(), Values(), Values());
        var variance = Values().abs() + 0.1;
        var example = randn([1, 4, 6, 6], generator: generator);
        var tracer = new Tracer("test", new Dictionary<string, Tensor>());
        var expected = layer(tracer.Input("x", example, "b", null, null, null)).BatchNorm(weight, shift, mean, variance, training: false);
        tracer.Output("y", expected, "b", null, null, null);

        BatchNormFolding.Apply(tracer.Graph);

        Assert.Equal([operation, "Identity"], tracer.Graph.Node.Select(node => node.OpType));
        using var session = new InferenceSession(OnnxModel.Of(tracer, new Dictionary<string, string>()).ToByteArray());
        using var input = OrtValue.CreateTensorValueFromMemory(example.data<float>().ToArray(), example.shape);
        using var options = new RunOptions();
        using var results = session.Run(options, ["x"], [input], ["y"]);
        Assert.Equal(expected.Value.contiguous().data<float>().ToArray(), results[0].GetTensorDataAsSpan<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-3f);

        Tensor Values() => randn([5], generator: generator);
    }

    [Fact]
    public void Constants_of_an_inner_graph_stay()
    {
        using var scope = NewDisposeScope();
        var tracer = new Tracer("test", new Dictionary<string, Tensor>());
        var distances = tracer.Input("x", zeros(1, 4, 6, 6), "b", null, "h", "w").AdderConv(zeros(5, 4, 3, 3), 1, 1, AdderGradient.Sign);
        tracer.Output("y", distances, "b", null, "h", "w");
        var before = tracer.Graph.Initializer.Count;

        BatchNormFolding.Apply(tracer.Graph);

        Assert.Equal(before, tracer.Graph.Initializer.Count);
    }
}
