using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Models;

namespace Serve.Inference.Detection;

/// <summary>
/// The outputs of one run, and the binding that fills them: in memory of their own where the graph tells their shapes, else where ONNX Runtime puts them.
/// Leased: each request of the batch reads its own picture on its own thread, and the memory goes back to the pool when the last has.
/// </summary>
internal sealed class RunOutputs : IDisposable
{
    private readonly ModelSession _session;
    private readonly TensorMemory?[] _fixed;
    private readonly OrtIoBinding?[] _bindings = new OrtIoBinding?[ModelSession.MostSessions];
    private readonly IReadOnlyList<OrtValue> _values = [];
    private IDisposableReadOnlyCollection<OrtValue>? _given;
    private int _leases;

    /// <param name="session">The model's session.</param>
    /// <param name="shape">Shape of the inputs.</param>
    /// <param name="preallocate">Use the shapes that the graph tells; false leaves them to the run.</param>
    public RunOutputs(ModelSession session, BufferShape shape, bool preallocate)
    {
        _session = session;
        Shape = shape;
        _fixed = [.. session.Decoded.Select(output => preallocate && output.ShapeOf(shape.Batch) is { } known ? new TensorMemory(output.Type, known) : null)];
        if (!Array.Exists(_fixed, memory => memory is null))
            _values = [.. _fixed.Select(memory => memory!.Value)];
    }

    /// <summary>Shape of the inputs that it was made for.</summary>
    public BufferShape Shape { get; }

    /// <summary>The decoder's outputs, in its order; valid while leased.</summary>
    public IReadOnlyList<OrtValue> Values => _given ?? _values;

    /// <summary>True when a run has to give just the shapes that the graph tells.</summary>
    public bool IsPreallocated => Array.Exists(_fixed, memory => memory is not null);

    /// <summary>Runs the graph into these outputs.</summary>
    /// <param name="session">One of the model's sessions.</param>
    /// <param name="which">Which of them.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="options">Options of the run.</param>
    public void Run(InferenceSession session, int which, InputBuffer inputs, RunOptions options)
    {
        var binding = _bindings[which] ??= Bind(session);
        for (var i = 0; i < inputs.Values.Count; i++)
            binding.BindInput(_session.Input.Names[i], inputs.Values[i]);
        // What the last run put there would be taken for memory to write to.
        for (var i = 0; i < _fixed.Length; i++)
        {
            if (_fixed[i] is null)
                binding.BindOutputToDevice(_session.Decoded[i].Name, OrtMemoryInfo.DefaultInstance);
        }

        session.RunWithBinding(options, binding);
        binding.SynchronizeBoundOutputs();
        if (_values.Count == 0)
            _given = binding.GetOutputValues();
    }

    /// <summary>Runs the graph into these outputs by a replay; they have to be preallocated, all of them.</summary>
    public void Run(GraphReplay replay, InputBuffer inputs) => replay.Run(inputs, _fixed!);

    /// <summary>One more reads it.</summary>
    public void Acquire() => Interlocked.Increment(ref _leases);

    /// <summary>One less reads it; the last gives it back.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _leases) > 0)
            return;
        _given?.Dispose();
        _given = null;
        _session.Return(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _given?.Dispose();
        foreach (var binding in _bindings)
            binding?.Dispose();
        foreach (var memory in _fixed)
            memory?.Dispose();
    }

    private OrtIoBinding Bind(InferenceSession session)
    {
        var binding = session.CreateIoBinding();
        for (var i = 0; i < _fixed.Length; i++)
        {
            if (_fixed[i] is { } memory)
                binding.BindOutput(_session.Decoded[i].Name, memory.Value);
        }

        return binding;
    }
}
