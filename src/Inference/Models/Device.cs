using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Serve.Eval;

namespace Serve.Inference.Models;

/// <summary>What runs a model.</summary>
/// <param name="Kind"><c>cpu</c>, <c>cuda</c> or <c>tensorrt</c>.</param>
/// <param name="Number">Which GPU.</param>
/// <param name="Reason">Why this one.</param>
internal sealed record Device(string Kind, int Number, string Reason)
{
    private const string CudaProvider = "CUDAExecutionProvider";
    private const string TensorRtProvider = "TensorrtExecutionProvider";

    /// <summary><c>cpu</c>, <c>cuda:n</c> or <c>tensorrt:n</c>.</summary>
    public string Name => IsGpu ? $"{Kind}:{Number}" : Kind;

    /// <summary>True for all but the CPU.</summary>
    public bool IsGpu => Kind != "cpu";

    /// <summary>ONNX Runtime's name of what runs the graph; nodes that it does not take run on the CPU.</summary>
    public string Provider => Kind switch { "cuda" => CudaProvider, "tensorrt" => TensorRtProvider, _ => "CPUExecutionProvider" };

    /// <summary>Opens a session on the device asked for, or on the one that <c>auto</c> finds.</summary>
    /// <param name="modelPath">The ONNX file.</param>
    /// <param name="options">The device and its settings.</param>
    /// <param name="settings">Settings of a session; the provider is added.</param>
    /// <exception cref="InvalidInputException">No such device name, or the device is not there; the message names what is missing.</exception>
    /// <exception cref="OnnxRuntimeException">The model cannot be opened.</exception>
    public static (InferenceSession Session, Device Device) OpenSession(string modelPath, DetectionModelOptions options, SessionOptions settings)
    {
        OnnxEnvironment.EnsureReady();
        var (kind, number) = Parse(options.Device);
        if (kind == "cpu")
            return (new InferenceSession(modelPath, settings), new Device("cpu", 0, "asked for"));

        var wanted = kind == "auto" ? new Device("cuda", 0, "auto: CUDA is there") : new Device(kind, number, "asked for");
        if (!OrtEnv.Instance().GetAvailableProviders().Contains(wanted.Provider))
        {
            return kind == "auto"
                ? (new InferenceSession(modelPath, settings), new Device("cpu", 0, $"auto: this build holds ONNX Runtime without {CudaProvider}"))
                : throw new InvalidInputException(
                    $"device: '{options.Device}' was asked for, but this build of the program holds ONNX Runtime without {wanted.Provider}. "
                    + "Build with -p:Accelerator=cuda, or use 'cpu' or 'auto'.");
        }

        try
        {
            wanted.AddTo(settings, options);
        }
        catch (OnnxRuntimeException e) when (kind == "auto")
        {
            // The provider's library was found but could not be loaded: nothing was added to the settings.
            return (new InferenceSession(modelPath, settings), new Device("cpu", 0, $"auto: CUDA could not be used ({Missing(e)})"));
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidInputException($"device: '{options.Device}' was asked for and cannot be used: {Missing(e)}", e);
        }

        return (new InferenceSession(modelPath, settings), wanted);
    }

    /// <summary>True when the options mean the CPU, whatever this machine has.</summary>
    public static bool IsCpu(DetectionModelOptions options)
    {
        OnnxEnvironment.EnsureReady();
        return Parse(options.Device).Kind == "cpu" || Parse(options.Device).Kind == "auto" && !OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider);
    }

    /// <summary>The parts of a device's name.</summary>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public static (string Kind, int Number) Parse(string device) => device.Split(':') switch
    {
        ["auto"] => ("auto", 0),
        ["cpu"] => ("cpu", 0),
        [("cuda" or "tensorrt") and var kind] => (kind, 0),
        [("cuda" or "tensorrt") and var kind, var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n) => (kind, n),
        _ => throw new InvalidInputException($"device: '{device}' is not one; allowed are auto, cpu, cuda, cuda:n, tensorrt and tensorrt:n."),
    };

    private void AddTo(SessionOptions settings, DetectionModelOptions options)
    {
        if (Kind == "tensorrt")
        {
            using var tensorRt = new OrtTensorRTProviderOptions();
            if (options.TensorRt.EngineCache is { } cache)
                Directory.CreateDirectory(cache);
            tensorRt.UpdateOptions(options.TensorRt.ToProvider(Number));
            settings.AppendExecutionProvider_Tensorrt(tensorRt);
        }

        using var cuda = new OrtCUDAProviderOptions();
        cuda.UpdateOptions(options.Cuda.ToProvider(Number));
        settings.AppendExecutionProvider_CUDA(cuda);
    }

    private static string Missing(OnnxRuntimeException e)
    {
        var driver = OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1";
        if (!NativeLibrary.TryLoad(driver, out _))
            return $"this machine has no NVIDIA driver ({driver} cannot be loaded); {OnnxEnvironment.Cause(e)}";
        return OnnxEnvironment.Cause(e);
    }
}
