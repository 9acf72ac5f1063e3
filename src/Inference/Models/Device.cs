using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Serve.Eval;

namespace Serve.Inference.Models;

/// <summary>What runs a model.</summary>
/// <param name="Name"><c>cpu</c> or <c>cuda:n</c>.</param>
/// <param name="Reason">Why this one.</param>
internal sealed record Device(string Name, string Reason)
{
    private const string CudaProvider = "CUDAExecutionProvider";

    // With fewer cores a spinning worker takes one from the threads that decode pictures.
    private const int CoresToSpinOn = 5;

    /// <summary>Opens a session on the device asked for.</summary>
    /// <exception cref="InvalidInputException">No such device name, or the device is not there; the message names what is missing.</exception>
    /// <exception cref="OnnxRuntimeException">The model cannot be opened.</exception>
    public static (InferenceSession Session, Device Device) OpenSession(string modelPath, DetectionModelOptions options)
    {
        OnnxEnvironment.EnsureReady();
        var (kind, number) = Parse(options.Device);
        if (kind == "cpu")
            return (OpenCpu(modelPath, options), new Device("cpu", "asked for"));

        var hasCuda = OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider);
        if (!hasCuda && kind == "cuda")
        {
            throw new InvalidInputException(
                $"device: '{options.Device}' was asked for, but this build of the program holds ONNX Runtime without {CudaProvider}. "
                + "Build with -p:Accelerator=cuda, or use 'cpu' or 'auto'.");
        }

        if (!hasCuda)
            return (OpenCpu(modelPath, options), new Device("cpu", $"auto: this build holds ONNX Runtime without {CudaProvider}"));

        try
        {
            using var settings = Settings(options);
            settings.AppendExecutionProvider_CUDA(number);
            return (new InferenceSession(modelPath, settings), new Device($"cuda:{number}", kind == "cuda" ? "asked for" : "auto: CUDA is there"));
        }
        catch (OnnxRuntimeException e) when (kind == "auto")
        {
            return (OpenCpu(modelPath, options), new Device("cpu", $"auto: CUDA could not be used ({OnnxEnvironment.Cause(e)})"));
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidInputException($"device: '{options.Device}' was asked for and cannot be used: {OnnxEnvironment.Cause(e)}", e);
        }
    }

    private static InferenceSession OpenCpu(string modelPath, DetectionModelOptions options)
    {
        using var settings = Settings(options);
        return new InferenceSession(modelPath, settings);
    }

    private static SessionOptions Settings(DetectionModelOptions options)
    {
        var settings = new SessionOptions
        {
            IntraOpNumThreads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", Environment.ProcessorCount < CoresToSpinOn ? "0" : "1");
        return settings;
    }

    private static (string Kind, int Number) Parse(string device) => device.Split(':') switch
    {
        ["auto"] => ("auto", 0),
        ["cpu"] => ("cpu", 0),
        ["cuda"] => ("cuda", 0),
        ["cuda", var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) => ("cuda", n),
        _ => throw new InvalidInputException($"device: '{device}' is not one; allowed are auto, cpu, cuda and cuda:n."),
    };
}
