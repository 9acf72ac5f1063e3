using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Detection;

/// <summary>
/// A tensor in memory that ONNX Runtime reads and writes in place. Not on the managed heap: it never moves, is aligned for vectors, and is given back as
/// soon as the model is closed.
/// </summary>
internal sealed unsafe class TensorMemory : IDisposable
{
    private const int Alignment = 64;

    private readonly int _length;
    private void* _data;

    public TensorMemory(TensorElementType type, long[] shape)
    {
        _length = checked((int)(shape.Aggregate(1L, (product, side) => checked(product * side)) * ElementSize(type)));
        _data = NativeMemory.AlignedAlloc((nuint)Math.Max(_length, Alignment), Alignment);
        Value = OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, type, shape, (nint)_data, _length);
    }

    /// <summary>The tensor's bytes.</summary>
    public Span<byte> Bytes => new(_data, _length);

    /// <summary>The same memory as a value.</summary>
    public OrtValue Value { get; }

    /// <summary>Bytes of an element.</summary>
    public static int ElementSize(TensorElementType type) => type switch
    {
        TensorElementType.Double or TensorElementType.Int64 or TensorElementType.UInt64 => 8,
        TensorElementType.Float or TensorElementType.Int32 or TensorElementType.UInt32 => 4,
        TensorElementType.Float16 or TensorElementType.BFloat16 or TensorElementType.Int16 or TensorElementType.UInt16 => 2,
        TensorElementType.Int8 or TensorElementType.UInt8 or TensorElementType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "has no elements of one size"),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_data is null)
            return;
        Value.Dispose();
        NativeMemory.AlignedFree(_data);
        _data = null;
    }
}
