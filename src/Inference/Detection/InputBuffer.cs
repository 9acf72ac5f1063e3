using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Detection;

/// <summary>The graph's inputs for one or several pictures, which ONNX Runtime reads in place.</summary>
internal sealed class InputBuffer : IDisposable
{
    private readonly InputLayout _layout;
    private readonly TensorMemory _pictures;
    private readonly TensorMemory[] _extras;

    public InputBuffer(InputLayout layout, BufferShape shape)
    {
        _layout = layout;
        Shape = shape;
        _pictures = new TensorMemory(layout.PictureType, layout.PictureShape(shape));
        _extras = [.. layout.Extras.Select(extra => new TensorMemory(extra.Type, extra.Shape(shape.Batch)))];
        Tensors = [_pictures, .. _extras];
        Values = [.. Tensors.Select(tensor => tensor.Value)];
    }

    /// <summary>How many pictures, of what size.</summary>
    public BufferShape Shape { get; }

    /// <summary>The inputs' memory, in the order of <see cref="InputLayout.Names"/>.</summary>
    public IReadOnlyList<TensorMemory> Tensors { get; }

    /// <summary>The inputs in the order of <see cref="InputLayout.Names"/>.</summary>
    public IReadOnlyList<OrtValue> Values { get; }

    /// <summary>The tensor of one picture.</summary>
    public Span<byte> Picture(int index)
    {
        var length = _pictures.Bytes.Length / Shape.Batch;
        return _pictures.Bytes.Slice(index * length, length);
    }

    /// <summary>Fills the further inputs of one picture.</summary>
    public void WriteExtras(int index, in ResizePlan plan)
    {
        for (var i = 0; i < _extras.Length; i++)
            _layout.Extras[i].Write(RowOf(_extras[i], index), plan);
    }

    /// <summary>Copies the one picture of another buffer.</summary>
    public void CopyFrom(InputBuffer single, int index)
    {
        single.Picture(0).CopyTo(Picture(index));
        for (var i = 0; i < _extras.Length; i++)
            single._extras[i].Bytes.CopyTo(RowOf(_extras[i], index));
    }

    /// <summary>All inputs zero.</summary>
    public void Clear()
    {
        _pictures.Bytes.Clear();
        foreach (var extra in _extras)
            extra.Bytes.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pictures.Dispose();
        foreach (var extra in _extras)
            extra.Dispose();
    }

    private Span<byte> RowOf(TensorMemory extra, int index)
    {
        var length = extra.Bytes.Length / Shape.Batch;
        return extra.Bytes.Slice(index * length, length);
    }
}
