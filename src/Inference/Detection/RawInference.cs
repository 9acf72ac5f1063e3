using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Detection;

/// <summary>What a run gave for one request.</summary>
/// <param name="Outputs">The outputs, copied.</param>
/// <param name="Started">When the run began, a timestamp of the model's clock.</param>
/// <param name="Finished">When it ended.</param>
/// <param name="Copying">Time taken by copying the outputs.</param>
/// <param name="BatchSize">Pictures in it.</param>
internal readonly record struct RawRun(IReadOnlyList<NamedTensor> Outputs, long Started, long Finished, TimeSpan Copying, int BatchSize);

/// <summary>A request on the graph's own tensors that waits for a run.</summary>
/// <param name="inputs">The inputs in the graph's order.</param>
/// <param name="outputs">The outputs wanted.</param>
/// <param name="rows">Rows along the first dimension when the request may run with others; null when it must run alone.</param>
internal sealed class RawInference(IReadOnlyList<NamedTensor> inputs, IReadOnlyList<string> outputs, int? rows) : InferenceRequest<RawRun>
{
    /// <summary>The inputs in the graph's order.</summary>
    public IReadOnlyList<NamedTensor> Inputs { get; } = inputs;

    /// <summary>The outputs wanted.</summary>
    public IReadOnlyList<string> Outputs { get; } = outputs;

    /// <inheritdoc/>
    public override int Size { get; } = rows ?? 1;

    /// <inheritdoc/>
    public override bool RunsWith(InferenceRequest other)
        => rows is not null && other is RawInference raw && raw.Rows is not null && Outputs.SequenceEqual(raw.Outputs)
            && Inputs.Zip(raw.Inputs).All(pair => pair.First.Shape.AsSpan(1).SequenceEqual(pair.Second.Shape.AsSpan(1)));

    private int? Rows => rows;

    /// <inheritdoc/>
    public override void Free()
    {
        // The tensors are the caller's.
    }
}

/// <summary>Values over the tensors of a request: in place, and pinned meanwhile.</summary>
internal sealed class RawValues : IDisposable
{
    private readonly List<MemoryHandle> _pins = [];
    private readonly List<OrtValue> _values = [];

    public RawValues(IReadOnlyList<NamedTensor> tensors)
    {
        foreach (var tensor in tensors)
            _values.Add(tensor.Type == TensorElementType.String ? Strings(tensor) : InPlace(tensor));
    }

    public IReadOnlyList<OrtValue> Values => _values;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in _values)
            value.Dispose();
        foreach (var pin in _pins)
            pin.Dispose();
    }

    private static OrtValue Strings(NamedTensor tensor)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
        for (var i = 0; i < tensor.Strings!.Length; i++)
            value.StringTensorSetElementAt(tensor.Strings[i].AsSpan(), i);
        return value;
    }

    private unsafe OrtValue InPlace(NamedTensor tensor)
    {
        var pin = tensor.Data.Pin();
        _pins.Add(pin);
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, tensor.Type, tensor.Shape, (nint)pin.Pointer, tensor.Data.Length);
    }
}
