using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Families;

namespace Serve.Inference.Decoding;

/// <summary>
/// The outputs of a run, read as float32 whatever their element type is. One object is loaded again and again; it keeps its memory, and points into the
/// outputs only between <see cref="Load"/> and <see cref="Clear"/>.
/// </summary>
internal sealed unsafe class RunTensors
{
    private Entry[] _entries = [];
    private int _count;

    private struct Entry
    {
        public string Name;
        public void* Data;
        public int Length;
        public TensorElementType Type;
        public long[] Shape;
        public float[]? Converted;
        public bool IsConverted;
        public WeakReference<OrtValue>? Source;
        public void* Start;
    }

    /// <summary>Whether values of this element type can be read.</summary>
    public static bool CanRead(TensorElementType type) => type is TensorElementType.Float or TensorElementType.Float16 or TensorElementType.Double
        or TensorElementType.Int64 or TensorElementType.Int32 or TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool;

    /// <summary>Takes the outputs of a run.</summary>
    /// <param name="outputs">The outputs.</param>
    /// <param name="names">Their names.</param>
    /// <param name="batchFirst">Which of them have the batch as first dimension: they are narrowed to one picture.</param>
    /// <param name="index">That picture.</param>
    /// <exception cref="ModelOutputException">An output has no such picture, or cannot be read.</exception>
    public void Load(IReadOnlyList<OrtValue> outputs, IReadOnlyList<string> names, bool[] batchFirst, int index)
    {
        if (outputs.Count != names.Count)
            throw new ModelOutputException($"expected the outputs {string.Join(", ", names)}, got {outputs.Count}.");
        if (_entries.Length < outputs.Count)
            Array.Resize(ref _entries, outputs.Count);
        _count = outputs.Count;
        for (var i = 0; i < outputs.Count; i++)
        {
            ref var entry = ref _entries[i];
            (entry.Name, entry.IsConverted) = (names[i], false);
            Describe(ref entry, outputs[i]);
            if (!CanRead(entry.Type))
                throw new ModelOutputException($"output '{entry.Name}' holds {entry.Type}, which is not read as numbers.");
            var elements = TensorPrimitives.Product<long>(entry.Shape);
            if (elements > int.MaxValue)
                throw new ModelOutputException($"output '{entry.Name}' has {elements} values; at most {int.MaxValue} are read.");
            entry.Length = (int)elements;
            entry.Data = entry.Start;
            if (batchFirst[i] && entry.Shape.Length > 0)
                Narrow(ref entry, index);
        }
    }

    /// <summary>The shape of an output, whole.</summary>
    public ReadOnlySpan<long> Shape(int output) => _entries[output].Shape;

    /// <summary>The name of an output.</summary>
    public string Name(int output) => _entries[output].Name;

    /// <summary>The values of an output: of one picture where it was narrowed, else of all.</summary>
    public ReadOnlySpan<float> Values(int output)
    {
        ref var entry = ref _entries[output];
        return entry.Type == TensorElementType.Float ? new ReadOnlySpan<float>(entry.Data, entry.Length) : Converted(ref entry);
    }

    /// <summary>Lets go of the outputs.</summary>
    public void Clear()
    {
        for (var i = 0; i < _count; i++)
        {
            _entries[i].Data = null;
            _entries[i].Length = 0;
        }
    }

    /// <summary>Asks for type, shape and place, unless this is the value of the last time: outputs in buffers that are used again stay where they are.</summary>
    private static void Describe(ref Entry entry, OrtValue output)
    {
        if (entry.Source is not null && entry.Source.TryGetTarget(out var last) && ReferenceEquals(last, output))
            return;
        var info = output.GetTensorTypeAndShape();
        (entry.Type, entry.Shape) = (info.ElementDataType, info.Shape);
        entry.Start = CanRead(entry.Type) && info.ElementCount > 0 ? Unsafe.AsPointer(ref MemoryMarshal.GetReference(output.GetTensorMutableRawData())) : null;
        if (entry.Source is null)
            entry.Source = new WeakReference<OrtValue>(output);
        else
            entry.Source.SetTarget(output);
    }

    private static void Narrow(ref Entry entry, int index)
    {
        if (index >= entry.Shape[0])
            throw new ModelOutputException($"output '{entry.Name}' {Text(entry.Shape)} has no picture {index}.");
        entry.Length /= (int)entry.Shape[0];
        entry.Data = (byte*)entry.Data + (long)index * entry.Length * Size(entry.Type);
    }

    private static ReadOnlySpan<float> Converted(ref Entry entry)
    {
        if (entry.Converted is null || entry.Converted.Length < entry.Length)
            entry.Converted = GC.AllocateUninitializedArray<float>(entry.Length);
        var converted = entry.Converted.AsSpan(0, entry.Length);
        if (entry.IsConverted)
            return converted;

        entry.IsConverted = true;
        switch (entry.Type)
        {
            case TensorElementType.Float16: TensorPrimitives.ConvertToSingle(Span<Half>(entry), converted); break;
            case TensorElementType.Double: TensorPrimitives.ConvertTruncating(Span<double>(entry), converted); break;
            case TensorElementType.Int64: TensorPrimitives.ConvertTruncating(Span<long>(entry), converted); break;
            case TensorElementType.Int32: TensorPrimitives.ConvertTruncating(Span<int>(entry), converted); break;
            case TensorElementType.Int8: TensorPrimitives.ConvertTruncating(Span<sbyte>(entry), converted); break;
            default: TensorPrimitives.ConvertTruncating(Span<byte>(entry), converted); break;
        }

        return converted;
    }

    private static ReadOnlySpan<T> Span<T>(in Entry entry) => new(entry.Data, entry.Length);

    private static int Size(TensorElementType type) => type switch
    {
        TensorElementType.Float or TensorElementType.Int32 => 4,
        TensorElementType.Float16 => 2,
        TensorElementType.Double or TensorElementType.Int64 => 8,
        _ => 1,
    };

    private static string Text(long[] shape) => $"[{string.Join(", ", shape)}]";
}
