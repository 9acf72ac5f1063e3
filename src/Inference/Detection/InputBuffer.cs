using System.Collections.Concurrent;
using Microsoft.ML.OnnxRuntime;

namespace Serve.Inference.Detection;

/// <summary>A pinned input tensor that ONNX Runtime reads in place.</summary>
internal sealed class InputBuffer : IDisposable
{
    private readonly float[] _data;

    public InputBuffer(int batch, int height, int width)
    {
        _data = GC.AllocateUninitializedArray<float>(checked(batch * 3 * height * width), pinned: true);
        Value = OrtValue.CreateTensorValueFromMemory(_data, [batch, 3, height, width]);
    }

    /// <summary>[B, 3, height, width]</summary>
    public Span<float> Data => _data;

    /// <summary>The same memory as a value.</summary>
    public OrtValue Value { get; }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();
}

/// <summary>Input tensors of one picture, kept for the next.</summary>
internal sealed class InputPool(int height, int width, int keep) : IDisposable
{
    private readonly ConcurrentBag<InputBuffer> _free = [];
    private bool _closed;

    public InputBuffer Rent() => _free.TryTake(out var buffer) ? buffer : new InputBuffer(1, height, width);

    public void Return(InputBuffer buffer)
    {
        // More than a few batches are only needed in a rush, and are let go after it.
        if (Volatile.Read(ref _closed) || _free.Count >= keep)
            buffer.Dispose();
        else
            _free.Add(buffer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Volatile.Write(ref _closed, true);
        while (_free.TryTake(out var buffer))
            buffer.Dispose();
    }
}
