using Microsoft.ML.OnnxRuntime;

namespace Serve.Inference.Detection;

/// <summary>One runner's memory for batches of more than one picture, made when first needed.</summary>
internal sealed class BatchBuffers(int maxBatch, int height, int width) : IDisposable
{
    private readonly OrtValue?[] _values = new OrtValue?[maxBatch + 1];
    private float[]? _data;

    /// <summary>The requests' inputs as one tensor: the request's own when it is alone, else copied together.</summary>
    public OrtValue Input(ReadOnlySpan<DetectionRequest> requests)
    {
        if (requests.Length == 1)
            return requests[0].Input.Value;

        var length = 3 * height * width;
        _data ??= GC.AllocateUninitializedArray<float>(maxBatch * length, pinned: true);
        for (var i = 0; i < requests.Length; i++)
            requests[i].Input.Data.CopyTo(_data.AsSpan(i * length));

        // Every batch size is a view of the same memory.
        return _values[requests.Length] ??= OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance, _data.AsMemory(0, requests.Length * length), [requests.Length, 3, height, width]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in _values)
            value?.Dispose();
    }
}
