using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Detection;

namespace Serve.Inference.Models;

/// <summary>
/// Runs on a GPU whose kernel launches are recorded once a shape and replayed: a CUDA graph. Inputs and outputs then have to stay where they were, so each
/// shape has tensors of its own on the GPU.
/// </summary>
internal sealed class GraphReplay(InferenceSession session, int device, string memory, InputLayout input, IReadOnlyList<OutputTensor> outputs) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BufferShape, Recorded> _recorded = [];
    private readonly OrtMemoryInfo _place = new(memory, OrtAllocatorType.DeviceAllocator, device, OrtMemType.Default);
    private OrtAllocator? _allocator;

    /// <summary>Runs a batch; one at a time.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="targets">Where to copy the outputs, in their order.</param>
    public void Run(InputBuffer inputs, IReadOnlyList<TensorMemory> targets)
    {
        lock (_gate)
        {
            CudaMemory.Use(device);
            if (!_recorded.TryGetValue(inputs.Shape, out var recorded))
                _recorded[inputs.Shape] = recorded = new Recorded(this, inputs.Shape, _recorded.Count + 1);
            for (var i = 0; i < recorded.Inputs.Length; i++)
                CudaMemory.Upload(inputs.Tensors[i].Bytes, recorded.Inputs[i]);
            session.RunWithBinding(recorded.Options, recorded.Binding);
            recorded.Binding.SynchronizeBoundOutputs();
            for (var i = 0; i < recorded.Outputs.Length; i++)
                CudaMemory.Download(recorded.Outputs[i], targets[i].Bytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var recorded in _recorded.Values)
            recorded.Dispose();
        _allocator?.Dispose();
        _place.Dispose();
    }

    private OrtValue OnDevice(Microsoft.ML.OnnxRuntime.Tensors.TensorElementType type, long[] shape)
        => OrtValue.CreateAllocatedTensorValue(_allocator ??= new OrtAllocator(session, _place), type, shape);

    private sealed class Recorded : IDisposable
    {
        public Recorded(GraphReplay owner, BufferShape shape, int number)
        {
            Inputs = [owner.OnDevice(owner.Input.PictureType, owner.Input.PictureShape(shape)), .. owner.Input.Extras.Select(extra => owner.OnDevice(extra.Type, extra.Shape(shape.Batch)))];
            Outputs = [.. owner.Results.Select(output => owner.OnDevice(output.Type, output.ShapeOf(shape.Batch)!))];
            Binding = owner.Session.CreateIoBinding();
            for (var i = 0; i < Inputs.Length; i++)
                Binding.BindInput(owner.Input.Names[i], Inputs[i]);
            for (var i = 0; i < Outputs.Length; i++)
                Binding.BindOutput(owner.Results[i].Name, Outputs[i]);
            Options.AddRunConfigEntry("gpu_graph_id", number.ToString(CultureInfo.InvariantCulture));
        }

        public OrtValue[] Inputs { get; }

        public OrtValue[] Outputs { get; }

        public OrtIoBinding Binding { get; }

        public RunOptions Options { get; } = new();

        public void Dispose()
        {
            Binding.Dispose();
            Options.Dispose();
            foreach (var value in Inputs)
                value.Dispose();
            foreach (var value in Outputs)
                value.Dispose();
        }
    }

    private InputLayout Input => input;

    private IReadOnlyList<OutputTensor> Results => outputs;

    private InferenceSession Session => session;
}
