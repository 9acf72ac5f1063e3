using System.IO.MemoryMappedFiles;
using Microsoft.ML.OnnxRuntime;
using Serve.Eval;
using Serve.Inference.Onnx;
using Serve.Inference.Onnx.Rewriting;

namespace Serve.Inference.Models;

/// <summary>An optimised copy of a graph with its weights in a file beside it, which is mapped once for all sessions.</summary>
/// <remarks>
/// It is optimised by ONNX Runtime, and before that by <see cref="FocusRewriting"/>.
/// Without it each session holds the weights that it has laid out for itself. Handing the weights of the model's own file to both would not do: optimising lays those of
/// convolutions out anew, in each session.
/// </remarks>
internal sealed class SharedGraph : IDisposable
{
    // Smaller weights are not worth a file.
    private const long LeastBytes = 1 << 20;
    private const string GraphName = "graph.onnx";
    private const string WeightsName = "weights.bin";
    private const string RewrittenName = "rewritten.onnx";

    private readonly DirectoryInfo _folder;
    private readonly List<(string Name, OrtValue Value)> _weights = [];
    private MemoryMappedFile? _file;
    private MemoryMappedViewAccessor? _view;

    private SharedGraph(DirectoryInfo folder)
    {
        _folder = folder;
        Bytes = folder.EnumerateFiles().Sum(file => file.Length);
    }

    /// <summary>The optimised graph. There until <see cref="RemoveFiles"/>.</summary>
    public string Path => System.IO.Path.Combine(_folder.FullName, GraphName);

    /// <summary>Size of its files.</summary>
    public long Bytes { get; }

    /// <summary>Writes the copy into a temporary folder.</summary>
    /// <param name="modelPath">The ONNX file.</param>
    /// <param name="bytes">Size of the model's files.</param>
    /// <param name="settings">Settings of its sessions.</param>
    /// <returns>Null where the model is small, or the copy cannot be made: it is then opened as it is, which also tells its faults.</returns>
    public static SharedGraph? TryCreate(string modelPath, long bytes, SessionOptions settings)
    {
        if (bytes < LeastBytes)
            return null;
        SharedGraph? shared = null;
        DirectoryInfo? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("serve-");
            settings.OptimizedModelFilePath = System.IO.Path.Combine(folder.FullName, GraphName);
            settings.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", WeightsName);
            settings.AddSessionConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", "1024");
            var rewritten = System.IO.Path.Combine(folder.FullName, RewrittenName);
            new InferenceSession(FocusRewriting.TryRewrite(modelPath, rewritten) ? rewritten : modelPath, settings).Dispose();
            File.Delete(rewritten);
            shared = new SharedGraph(folder);
            shared.Map();
            return shared;
        }
        catch (Exception e) when (e is OnnxRuntimeException or InvalidInputException or IOException or UnauthorizedAccessException)
        {
            shared?.Unmap();
            Delete(folder);
            return null;
        }
    }

    /// <summary>Lets a session that opens <see cref="Path"/> read the mapped weights instead of mapping them for itself.</summary>
    /// <param name="settings">Settings of the session. The graph is as it should be: it is not optimised again.</param>
    public void ShareWith(SessionOptions settings)
    {
        settings.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        foreach (var (name, value) in _weights)
            settings.AddInitializer(name, value);
    }

    /// <summary>Removes the files once the sessions are open; what is mapped stays. Windows keeps a mapped file from being removed.</summary>
    public void RemoveFiles()
    {
        if (!OperatingSystem.IsWindows())
            Delete(_folder);
    }

    /// <summary>Lets go of the weights, and removes the files. The sessions have to be closed.</summary>
    public void Dispose()
    {
        Unmap();
        Delete(_folder);
    }

    private unsafe void Map()
    {
        var graph = OnnxFile.Describe(Path);
        // ONNX Runtime finds what it is handed by name, in inner graphs too: there it would stand in for another tensor of that name.
        var tensors = graph.ExternalTensors.Where(tensor => tensor.Location == WeightsName && tensor.Length > 0 && !graph.InnerWeights.Contains(tensor.Name)).ToList();
        if (tensors.Count == 0)
            return;
        _file = MemoryMappedFile.CreateFromFile(
            new FileStream(System.IO.Path.Combine(_folder.FullName, WeightsName), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete),
            mapName: null, capacity: 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        foreach (var tensor in tensors)
            _weights.Add((tensor.Name, OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, tensor.Type, [.. tensor.Shape], (nint)(start + tensor.Offset), tensor.Length)));
    }

    private void Unmap()
    {
        foreach (var (_, value) in _weights)
            value.Dispose();
        _weights.Clear();
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
        (_view, _file) = (null, null);
    }

    private static void Delete(DirectoryInfo? folder)
    {
        try
        {
            folder?.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A temporary folder that stays is no reason to fail.
        }
    }
}
