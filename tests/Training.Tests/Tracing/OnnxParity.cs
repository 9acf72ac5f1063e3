using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Serve.Training.Export;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Tracing;

/// <summary>Traces a function once and runs the recorded graph in ONNX Runtime on several inputs, next to the function itself.</summary>
internal static class OnnxParity
{
    /// <summary>Asserts that both give the same for each set of inputs; the first set is the one that is traced. Every dimension is dynamic.</summary>
    public static void Check(Func<TracedTensor[], TracedTensor[]> function, Tensor[][] inputSets, double tolerance = 1e-5)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        using var session = new InferenceSession(Trace(function, inputSets[0]));
        foreach (var inputs in inputSets)
        {
            var expected = function([.. inputs.Select(input => new TracedTensor(input))]);
            var actual = Run(session, inputs);

            Assert.Equal(expected.Length, actual.Length);
            foreach (var (wanted, got) in expected.Zip(actual))
            {
                Assert.Equal(wanted.Value.shape, got.shape);
                Assert.Equal(wanted.Value.dtype, got.dtype);
                if (got.numel() > 0)
                    Assert.InRange((wanted.Value.to(float64) - got.to(float64)).abs().max().item<double>(), 0, tolerance);
            }
        }
    }

    /// <summary>The same for a function of one tensor.</summary>
    public static void Check(Func<TracedTensor, TracedTensor> function, Tensor[] inputs, double tolerance = 1e-5)
        => Check(x => [function(x[0])], [.. inputs.Select(input => new[] { input })], tolerance);

    /// <summary>The recorded model's bytes.</summary>
    public static byte[] Trace(Func<TracedTensor[], TracedTensor[]> function, Tensor[] examples)
    {
        var tracer = new Tracer("test", new Dictionary<string, Tensor>());
        var outputs = function([.. examples.Select((example, i) => tracer.Input($"in{i}", example, Names($"in{i}", example)))]);
        foreach (var (i, output) in outputs.Index())
            tracer.Output($"out{i}", output, Names($"out{i}", output.Value));
        return OnnxModel.Of(tracer, new Dictionary<string, string>()).ToByteArray();
    }

    private static string[] Names(string prefix, Tensor tensor) => [.. Enumerable.Range(0, (int)tensor.dim()).Select(i => $"{prefix}_{i}")];

    private static Tensor[] Run(InferenceSession session, Tensor[] inputs)
    {
        var values = inputs.Select(ToOrt).ToList();
        using var options = new RunOptions();
        using var results = session.Run(options, session.InputNames, values, session.OutputNames);
        values.ForEach(value => value.Dispose());
        return [.. results.Select(ToTorch)];
    }

    private static OrtValue ToOrt(Tensor tensor) => tensor.dtype switch
    {
        ScalarType.Float32 => OrtValue.CreateTensorValueFromMemory(Values<float>(tensor), tensor.shape),
        ScalarType.Int64 => OrtValue.CreateTensorValueFromMemory(Values<long>(tensor), tensor.shape),
        ScalarType.Bool => OrtValue.CreateTensorValueFromMemory(Values<bool>(tensor), tensor.shape),
        _ => throw new NotSupportedException(tensor.dtype.ToString()),
    };

    // TorchSharp's accessor cannot copy an empty tensor.
    private static T[] Values<T>(Tensor tensor) where T : unmanaged => tensor.numel() == 0 ? [] : tensor.contiguous().data<T>().ToArray();

    private static Tensor ToTorch(OrtValue value)
    {
        var info = value.GetTensorTypeAndShape();
        return info.ElementDataType switch
        {
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => tensor(value.GetTensorDataAsSpan<float>().ToArray()).view(info.Shape),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Int64 => tensor(value.GetTensorDataAsSpan<long>().ToArray()).view(info.Shape),
            Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Bool => tensor(value.GetTensorDataAsSpan<bool>().ToArray()).view(info.Shape),
            _ => throw new NotSupportedException(info.ElementDataType.ToString()),
        };
    }
}
