using Microsoft.ML.OnnxRuntime;

namespace Serve.Inference.Models;

/// <summary>
/// An optimised copy of a graph with its weights in a file beside it: sessions map that file instead of each holding, and each optimising, weights of its
/// own.
/// </summary>
/// <remarks>
/// Without it each session holds the weights that it has laid out for itself. Handing one set of tensors to both would not do: optimising lays the weights of
/// convolutions out anew, in each session.
/// </remarks>
internal sealed class SharedGraph : IDisposable
{
    // Smaller weights are not worth a file.
    private const long LeastBytes = 1 << 20;
    private const string GraphName = "graph.onnx";
    private const string WeightsName = "weights.bin";

    private readonly DirectoryInfo _folder;

    private SharedGraph(DirectoryInfo folder)
    {
        _folder = folder;
        Bytes = folder.EnumerateFiles().Sum(file => file.Length);
    }

    /// <summary>The optimised graph.</summary>
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
        DirectoryInfo? folder = null;
        try
        {
            folder = Directory.CreateTempSubdirectory("serve-");
            settings.OptimizedModelFilePath = System.IO.Path.Combine(folder.FullName, GraphName);
            settings.AddSessionConfigEntry("session.optimized_model_external_initializers_file_name", WeightsName);
            settings.AddSessionConfigEntry("session.optimized_model_external_initializers_min_size_in_bytes", "1024");
            new InferenceSession(modelPath, settings).Dispose();
            return new SharedGraph(folder);
        }
        catch (Exception e) when (e is OnnxRuntimeException or IOException or UnauthorizedAccessException)
        {
            Delete(folder);
            return null;
        }
    }

    /// <summary>Removes the files. What sessions have mapped stays theirs until they are closed, but Windows keeps a file from being removed meanwhile.</summary>
    public void Dispose() => Delete(_folder);

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
