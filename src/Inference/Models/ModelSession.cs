using Microsoft.ML.OnnxRuntime;
using Serve.Eval;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Onnx;
using Serve.Inference.Preprocessing;
using Serve.Inference.Repository;

namespace Serve.Inference.Models;

/// <summary>An opened ONNX graph that agrees with its passport.</summary>
/// <remarks>
/// On the CPU it is opened twice where runs go on side by side: once for a run that has the machine to itself and uses all cores, once for runs on a core
/// each. One session with a pool of threads would make runs side by side wait for each other at every operator; <c>bench/serve-speed.sh</c> measures both loads.
/// </remarks>
internal sealed class ModelSession : IDisposable
{
    /// <summary>Sessions of a model.</summary>
    public const int MostSessions = 2;

    private readonly InferenceSession[] _sessions;
    private readonly RunOptions _runOptions = new();
    private readonly BufferPool<InputBuffer> _inputs = new(keep: 32);
    private readonly BufferPool<RunOutputs> _outputs = new(keep: 16);
    private readonly bool _records;
    private readonly bool _oneThread;
    private readonly SharedGraph? _shared;
    private GraphReplay? _replay;
    private volatile bool _preallocates;

    private ModelSession(
        InferenceSession[] sessions, Device device, Passport passport, OutputDecoder decoder, GraphDescription graph, SharedGraph? shared, bool records, bool oneThread)
    {
        (_sessions, Device, Passport, Decoder, Graph) = (sessions, device, passport, decoder, graph);
        Input = InputLayout.Of(passport.Input, graph.Inputs);
        Decoded = [.. decoder.Outputs.Select(name => OutputTensor.Of(graph.Outputs.First(output => output.Name == name)))];
        (_shared, _records, _oneThread) = (shared, records, oneThread);

        // Only replays record: an ordinary run has its tensors elsewhere each time.
        if (records)
            _runOptions.AddRunConfigEntry("gpu_graph_id", "-1");
    }

    /// <summary>What runs it.</summary>
    public Device Device { get; }

    /// <summary>The model's passport.</summary>
    public Passport Passport { get; }

    /// <summary>The graph.</summary>
    public GraphDescription Graph { get; }

    /// <summary>How its inputs lie in memory.</summary>
    public InputLayout Input { get; }

    /// <summary>The outputs that hold detections, in the decoder's order.</summary>
    public IReadOnlyList<OutputTensor> Decoded { get; }

    /// <summary>Reads the outputs.</summary>
    public OutputDecoder Decoder { get; }

    /// <summary>Nodes that each provider runs.</summary>
    public IReadOnlyDictionary<string, int> Nodes { get; private set; } = new SortedDictionary<string, int>();

    /// <summary>Sessions opened.</summary>
    public int SessionCount => _sessions.Length;

    /// <summary>Bytes of the weights that the sessions hold.</summary>
    public long WeightBytes { get; private init; }

    /// <summary>Opens a graph.</summary>
    /// <param name="modelPath">The ONNX file.</param>
    /// <param name="fileBytes">Size of the model's files.</param>
    /// <param name="graph">What it holds.</param>
    /// <param name="passport">Its passport.</param>
    /// <param name="options">How to run it.</param>
    /// <exception cref="InvalidInputException">The file is corrupt, disagrees with the passport, or the device is not there.</exception>
    public static ModelSession Open(string modelPath, long fileBytes, GraphDescription graph, Passport passport, DetectionModelOptions options)
    {
        var sessions = new List<InferenceSession>();
        SharedGraph? shared = null;
        try
        {
            var decoder = OutputDecoder.Create(DecodingOf(passport), passport.Input, passport.Categories);
            var faults = GraphFaults.OfInputs(passport.Input, graph.Inputs).Concat(decoder.Faults(graph.Outputs)).ToList();
            if (faults.Count > 0)
                throw new InvalidInputException($"the graph does not fit its passport: {string.Join("; ", faults)}.");

            var fixedShapes = !InputLayout.Of(passport.Input, graph.Inputs).HasDynamicSides;
            var onCpu = Device.IsCpu(options);
            var twice = onCpu && options.Threads == 0 && Environment.ProcessorCount > 1;
            using var all = options.Threads > 0 ? OnnxEnvironment.SomeCores(options.Threads, fixedShapes) : OnnxEnvironment.AllCores(fixedShapes);
            using var one = OnnxEnvironment.SomeCores(1, fixedShapes);
            if (onCpu)
            {
                using var settings = OnnxEnvironment.SomeCores(1, fixedShapes);
                shared = SharedGraph.TryCreate(modelPath, fileBytes, settings);
            }

            shared?.ShareWith(all);
            shared?.ShareWith(one);
            NodeAssignment.Record(all);
            var (first, device) = Device.OpenSession(shared?.Path ?? modelPath, options, all);
            sessions.Add(first);
            if (twice)
                sessions.Add(new InferenceSession(shared?.Path ?? modelPath, one));
            shared?.RemoveFiles();
            var records = device.Kind == "cuda" ? options.Cuda.CudaGraphs : device.Kind == "tensorrt" && options.TensorRt.CudaGraphs;
            return new ModelSession([.. sessions], device, passport, decoder, graph, shared, records, oneThread: onCpu && options.Threads == 1)
            {
                WeightBytes = shared?.Bytes ?? fileBytes * sessions.Count,
            };
        }
        catch (Exception e)
        {
            foreach (var session in sessions)
                session.Dispose();
            shared?.Dispose();
            if (e is OnnxRuntimeException runtime)
                throw new InvalidInputException($"{modelPath}: not a model that ONNX Runtime can open: {OnnxEnvironment.Cause(runtime)}", e);
            if (e is InvalidInputException && !e.Message.StartsWith(modelPath, StringComparison.Ordinal))
                throw new InvalidInputException($"{modelPath}: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Inputs to fill; <see cref="Return(InputBuffer)"/> takes them back.</summary>
    public InputBuffer Rent(BufferShape shape) => _inputs.Rent(shape) ?? new InputBuffer(Input, shape);

    /// <summary>Takes inputs back.</summary>
    public void Return(InputBuffer buffer) => _inputs.Return(buffer.Shape, buffer);

    /// <summary>Takes outputs back.</summary>
    public void Return(RunOutputs outputs)
    {
        if (outputs.IsPreallocated == _preallocates)
            _outputs.Return(outputs.Shape, outputs);
        else
            outputs.Dispose();
    }

    /// <summary>Runs a batch. Thread-safe.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="alone">True when the run may have all cores.</param>
    /// <returns>The outputs, leased once.</returns>
    /// <exception cref="ModelOutputException">The run failed.</exception>
    public RunOutputs Run(InputBuffer inputs, bool alone)
    {
        var preallocates = _preallocates;
        try
        {
            return Run(inputs, alone, preallocates);
        }
        catch (OnnxRuntimeException) when (preallocates)
        {
            // A graph may declare shapes that it does not keep. What the run itself cannot do fails again.
            return RunUnbound(inputs, alone);
        }
        catch (OnnxRuntimeException e)
        {
            throw Failure(e);
        }
    }

    /// <summary>The failure of a run in words.</summary>
    public ModelOutputException Failure(OnnxRuntimeException e) => new($"Model '{Passport.Name}' version {Passport.Version} failed: {OnnxEnvironment.Cause(e)}", e);

    /// <summary>Runs the graph on tensors of the caller.</summary>
    /// <exception cref="ModelOutputException">The run failed.</exception>
    public IDisposableReadOnlyCollection<OrtValue> Run(IReadOnlyList<string> names, IReadOnlyList<OrtValue> inputs, IReadOnlyList<string> outputs, bool alone)
    {
        try
        {
            using var stay = StayOf(alone);
            return _sessions[SessionOf(alone)].Run(_runOptions, names, inputs, outputs);
        }
        catch (OnnxRuntimeException e)
        {
            throw Failure(e);
        }
    }

    /// <summary>Reads the detections of one picture of a run.</summary>
    /// <exception cref="ModelOutputException">The outputs are not what the passport promises.</exception>
    public void Decode(RunOutputs outputs, int index, in ResizePlan plan, DetectionOptions options, List<DetectedObject> detections)
    {
        try
        {
            Decoder.Decode(outputs.Values, index, plan, options, Passport.ScoreThreshold, detections);
        }
        catch (ModelOutputException e)
        {
            throw new ModelOutputException($"Model '{Passport.Name}' version {Passport.Version} gave a wrong answer: {e.Message}", e);
        }
    }

    /// <summary>After the first run: which provider ran what, and whether the outputs have the shapes that the graph declares.</summary>
    public void Learn(RunOutputs first)
    {
        Nodes = NodeAssignment.Read(_sessions[0]);
        _preallocates = Decoded.Zip(first.Values).Any(pair => pair.First.ShapeOf(first.Shape.Batch) is not null)
            && Decoded.Zip(first.Values).All(pair => pair.First.ShapeOf(first.Shape.Batch) is not { } told || told.SequenceEqual(pair.Second.GetTensorTypeAndShape().Shape));
        if (_records && _preallocates && Decoded.All(output => output.ShapeOf(1) is not null) && !Input.HasDynamicSides)
            _replay = new GraphReplay(_sessions[0], Device.Number, "Cuda", Input, Decoded);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _replay?.Dispose();
        _inputs.Dispose();
        _outputs.Dispose();
        _runOptions.Dispose();
        foreach (var session in _sessions)
            session.Dispose();
        _shared?.Dispose();
    }

    private static DecodingSpec DecodingOf(Passport passport)
    {
        if (passport.Decoding is { } decoding)
            return decoding;
        var own = new OwnExport();
        return passport.Family == own.Name
            ? OwnExport.Decoding(passport.Outputs)
            : throw new InvalidInputException($"the passport says nothing of how to read the outputs: the family is '{passport.Family}', and without 'decoding' only '{own.Name}' is read.");
    }

    /// <summary>A run of one thread stays on a core, one of all cores on that which its pool leaves to it; so many threads as were asked for go where the system puts them.</summary>
    private RunCores.Stay StayOf(bool alone)
        => alone && _sessions.Length > 1 ? RunCores.EnterFirst() : _sessions.Length > 1 || _oneThread ? RunCores.EnterFree() : default;

    private int SessionOf(bool alone) => alone ? 0 : _sessions.Length - 1;

    /// <summary>Lets go of the memory that runs took up to now: batches that were tried at the start, and optimising. The next run takes what it needs.</summary>
    public void Shrink()
    {
        _inputs.Clear();
        _outputs.Clear();
        MemoryReturn.Trim();
    }

    private RunOutputs Run(InputBuffer inputs, bool alone, bool preallocate)
    {
        var outputs = _outputs.Rent(inputs.Shape) ?? new RunOutputs(this, inputs.Shape, preallocate);
        try
        {
            if (_replay is { } replay && preallocate)
                outputs.Run(replay, inputs);
            else
            {
                using var stay = StayOf(alone);
                outputs.Run(_sessions[SessionOf(alone)], SessionOf(alone), inputs, _runOptions);
            }

            outputs.Acquire();
            return outputs;
        }
        catch
        {
            outputs.Dispose();
            throw;
        }
    }

    private RunOutputs RunUnbound(InputBuffer inputs, bool alone)
    {
        var outputs = new RunOutputs(this, inputs.Shape, preallocate: false);
        try
        {
            outputs.Run(_sessions[SessionOf(alone)], SessionOf(alone), inputs, _runOptions);
            outputs.Acquire();
            _preallocates = false;
            return outputs;
        }
        catch (OnnxRuntimeException e)
        {
            outputs.Dispose();
            throw Failure(e);
        }
        catch
        {
            outputs.Dispose();
            throw;
        }
    }
}
