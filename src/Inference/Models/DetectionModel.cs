using Serve.Inference.Detection;
using Serve.Inference.Pictures;

namespace Serve.Inference.Models;

/// <summary>A loaded detector: an ONNX session with its batcher.</summary>
public sealed class DetectionModel : IAsyncDisposable
{
    /// <summary>The model's passport.</summary>
    public Passport Passport => throw new NotImplementedException();

    /// <summary>Lower-case hexadecimal SHA-256 of the ONNX file.</summary>
    public string ContentHash => throw new NotImplementedException();

    /// <summary>The device that runs it: <c>cpu</c>, <c>cuda:0</c>.</summary>
    public string Device => throw new NotImplementedException();

    /// <summary>Loads a model from its folder or its ONNX file and warms it up.</summary>
    /// <param name="path">A folder with <c>model.onnx</c> and <c>model.json</c>, or an ONNX file whose passport is beside it or in its metadata.</param>
    /// <param name="device"><c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</param>
    /// <param name="threads">Threads of one run; 0 for one a core.</param>
    /// <exception cref="Serve.Eval.InvalidInputException">No such model, a corrupt one, or a device that is not there.</exception>
    public static DetectionModel Load(string path, string device = "auto", int threads = 0) => throw new NotImplementedException(path + device + threads);

    /// <summary>Detects objects in one picture. Calls from many threads are batched.</summary>
    public Task<DetectionResult> DetectAsync(Picture picture, DetectionOptions options, CancellationToken ct) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
