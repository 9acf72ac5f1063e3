using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Families;
using Serve.Inference.Onnx;

namespace Serve.Inference.Models;

/// <summary>Runs a graph on noise to see what it answers. The session is opened at the first run, and the answers are kept until the end.</summary>
/// <param name="path">The ONNX file.</param>
/// <param name="graph">What the file tells.</param>
internal sealed class GraphProbe(string path, GraphDescription graph) : IGraphProbe, IDisposable
{
    private readonly Dictionary<(int Batch, int Width, int Height, double Scale), ProbeResult> _results = [];
    private InferenceSession? _session;

    /// <inheritdoc/>
    public ProbeResult Run(int batch, int width, int height, double scale)
    {
        if (!_results.TryGetValue((batch, width, height, scale), out var result))
            _results[(batch, width, height, scale)] = result = RunOnce(batch, width, height, scale);
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _session?.Dispose();

    private ProbeResult RunOnce(int batch, int width, int height, double scale)
    {
        var inputs = new List<OrtValue>();
        try
        {
            _session ??= Open();
            foreach (var input in graph.Inputs)
                inputs.Add(ProbeInput.Create(input, batch, width, height, scale));
            using var runOptions = new RunOptions();
            string[] names = [.. graph.Outputs.Select(output => output.Name)];
            using var outputs = _session.Run(runOptions, [.. graph.Inputs.Select(input => input.Name)], inputs, names);
            return new ProbeResult(names.Zip(outputs).ToDictionary(pair => pair.First, pair => Read(pair.Second), StringComparer.Ordinal));
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelOutputException($"The graph does not run on a picture of {width} x {height} pixels: {OnnxEnvironment.Cause(e)}", e);
        }
        finally
        {
            foreach (var input in inputs)
                input.Dispose();
        }
    }

    private InferenceSession Open()
    {
        OnnxEnvironment.EnsureReady();
        // Run once or twice: optimising would cost more than it gains, and kept memory would outlive the probe.
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, EnableMemoryPattern = false, EnableCpuMemArena = false, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        // What is run has to be the file that was looked at: the runtime takes link/../x otherwise than .NET does.
        return new InferenceSession(Path.GetFullPath(path), options);
    }

    private static ProbeOutput Read(OrtValue output)
    {
        if (!output.IsTensor)
            return new ProbeOutput([], []);
        var type = output.GetTensorTypeAndShape();
        int[] shape = [.. type.Shape.Select(side => checked((int)side))];
        return new ProbeOutput(shape, type.ElementDataType switch
        {
            TensorElementType.Float => output.GetTensorDataAsSpan<float>().ToArray(),
            TensorElementType.Float16 => Array.ConvertAll(output.GetTensorDataAsSpan<Float16>().ToArray(), value => (float)value),
            TensorElementType.Double => Array.ConvertAll(output.GetTensorDataAsSpan<double>().ToArray(), value => (float)value),
            TensorElementType.Int32 => Array.ConvertAll(output.GetTensorDataAsSpan<int>().ToArray(), value => (float)value),
            TensorElementType.Int64 => Array.ConvertAll(output.GetTensorDataAsSpan<long>().ToArray(), value => (float)value),
            _ => [],
        });
    }
}
