using System.Runtime.InteropServices;
using Google.Protobuf;
using Serve.Training.Tracing.Onnx;
using static TorchSharp.torch;

namespace Serve.Training.Tracing;

/// <summary>Records the ONNX graph of a function while the function runs once on an example.</summary>
/// <remarks>
/// Nodes are recorded in the order of computation, which is a topological one. Parameters become initialisers under their state
/// dictionary's names, each once however often it is used; small constants of equal content are shared.
/// </remarks>
public sealed class Tracer
{
    private const int SharedConstantBytes = 256;

    private readonly Dictionary<IntPtr, string> parameterNames = [];
    private readonly Dictionary<string, string> initializers = [];
    private readonly Dictionary<string, int> nodeCounts = [];
    private (long Nominal, long Actual) rowShare = (1, 1);

    /// <summary>Starts an empty graph.</summary>
    /// <param name="name">Name of the graph.</param>
    /// <param name="parameters">Names of the tensors that outlive the trace; a module's <c>state_dict()</c>.</param>
    public Tracer(string name, IReadOnlyDictionary<string, Tensor> parameters)
    {
        Graph = new GraphProto { Name = name };
        foreach (var (key, tensor) in parameters)
            parameterNames[tensor.Handle] = key;
    }

    /// <summary>The graph as recorded so far.</summary>
    internal GraphProto Graph { get; }

    /// <summary>Work of the convolutions and matrix products recorded so far, for the whole example batch.</summary>
    public OperationCount Operations { get; private set; }

    /// <summary>Counts what is recorded until the result is disposed as if a list had the length that it has in use, not the example's.</summary>
    /// <remarks>An empty example has one proposal or so; heads that run on each proposal would count as nothing.</remarks>
    /// <param name="rows">[S, ...] the list, S above 0.</param>
    /// <param name="nominal">The length to count with, for the whole example batch.</param>
    /// <returns>Null outside a trace.</returns>
    internal static IDisposable? CountAs(TracedTensor rows, long nominal)
        => rows.Tracer is { } tracer ? new NominalRows(tracer, nominal, rows.Value.shape[0]) : null;

    /// <summary>Counts an operator's work.</summary>
    internal void Count(OperationCount work)
    {
        var (nominal, actual) = rowShare;
        Operations += new OperationCount(work.Multiplies * nominal / actual, work.Adds * nominal / actual);
    }

    /// <summary>The tracer that follows any of the tensors; null when none does, so that the caller computes eagerly only.</summary>
    /// <exception cref="InvalidOperationException">The tensors come from two tracers.</exception>
    internal static Tracer? Of(params ReadOnlySpan<TracedTensor> tensors)
    {
        Tracer? tracer = null;
        foreach (var tensor in tensors)
        {
            if (tensor.Tracer is null)
                continue;
            if (tracer is not null && tracer != tensor.Tracer)
                throw new InvalidOperationException("The operands of one operator were recorded by two different tracers.");
            tracer = tensor.Tracer;
        }

        return tracer;
    }

    /// <summary>Records an operator that is one node with one output; outside a trace only wraps the value.</summary>
    internal static TracedTensor Node(string operation, Tensor value, ReadOnlySpan<TracedTensor> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        if (Of(inputs) is not { } tracer)
            return new TracedTensor(value);
        var names = new string[inputs.Length];
        for (var i = 0; i < names.Length; i++)
            names[i] = tracer.NameOf(inputs[i]);
        return tracer.Wrap(value, tracer.Add(operation, names, attributes));
    }

    /// <summary>Declares an input of the graph.</summary>
    /// <param name="name">Name of the input.</param>
    /// <param name="example">The example that the trace computes with.</param>
    /// <param name="dimensions">One entry a dimension: its name where it is dynamic, null where it is the example's.</param>
    public TracedTensor Input(string name, Tensor example, params ReadOnlySpan<string?> dimensions)
    {
        Graph.Input.Add(Describe(name, example, dimensions));
        return Wrap(example, name);
    }

    /// <summary>Declares an output of the graph.</summary>
    /// <param name="name">Name of the output.</param>
    /// <param name="tensor">What is put out.</param>
    /// <param name="dimensions">One entry a dimension: its name where it is dynamic, null where it is the example's.</param>
    public void Output(string name, TracedTensor tensor, params ReadOnlySpan<string?> dimensions)
    {
        Graph.Output.Add(Describe(name, tensor.Value, dimensions));
        Graph.Node.Add(new NodeProto { Name = name, OpType = "Identity", Input = { NameOf(tensor) }, Output = { name } });
    }

    /// <summary>Adds a node with one output and returns the output's name.</summary>
    internal string Add(string operation, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
        => Add(operation, outputs: 1, inputs, attributes)[0];

    /// <summary>Adds a node with several outputs and returns their names.</summary>
    internal string[] Add(string operation, int outputs, ReadOnlySpan<string> inputs, params ReadOnlySpan<AttributeProto> attributes)
    {
        ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(nodeCounts, operation, out _);
        var name = $"{operation}_{count++}";
        var node = new NodeProto { Name = name, OpType = operation };
        foreach (var input in inputs)
            node.Input.Add(input);
        for (var i = 0; i < outputs; i++)
            node.Output.Add(outputs == 1 ? name : $"{name}.{i}");
        foreach (var attribute in attributes)
            node.Attribute.Add(attribute);
        Graph.Node.Add(node);
        return [.. node.Output];
    }

    /// <summary>Joins an eager value with the graph's value of that name.</summary>
    internal TracedTensor Wrap(Tensor value, string name) => new(value, this, name);

    /// <summary>The graph's name of a tensor; a tensor that no tracer follows becomes an initialiser.</summary>
    internal string NameOf(TracedTensor tensor) => tensor.Name ?? Constant(tensor.Value);

    /// <summary>A constant of one element, for an attribute.</summary>
    internal static TensorProto Scalar(double value, ScalarType type)
    {
        using var constant = full([1], value, dtype: type);
        return new TensorProto { DataType = ElementType(type), Dims = { 1 }, RawData = ByteString.CopyFrom(Bytes(constant)) };
    }

    /// <summary>Name of an initialiser with that one-dimensional content.</summary>
    internal string Constant(params long[] values)
    {
        using var constant = tensor(values);
        return Constant(constant);
    }

    /// <summary>Name of an initialiser with the content of a tensor.</summary>
    internal string Constant(Tensor constant)
    {
        var parameter = parameterNames.GetValueOrDefault(constant.Handle);
        if (parameter is not null && initializers.TryGetValue(parameter, out var known))
            return known;

        var proto = new TensorProto { DataType = ElementType(constant.dtype), RawData = UnsafeByteOperations.UnsafeWrap(Bytes(constant)) };
        proto.Dims.AddRange(constant.shape);
        var key = parameter ?? $"constant_{initializers.Count}";
        if (parameter is null && proto.RawData.Length <= SharedConstantBytes)
        {
            key = $"{proto.DataType}[{string.Join(',', proto.Dims)}]={proto.RawData.ToBase64()}";
            if (initializers.TryGetValue(key, out known))
                return known;
        }

        proto.Name = parameter ?? $"constant_{initializers.Count}";
        initializers.Add(key, proto.Name);
        Graph.Initializer.Add(proto);
        return proto.Name;
    }

    private static ValueInfoProto Describe(string name, Tensor value, ReadOnlySpan<string?> dimensions)
    {
        if (dimensions.Length != value.dim())
        {
            throw new ArgumentException(
                $"{name}: {dimensions.Length} dimension names for a tensor of shape [{string.Join(", ", value.shape)}].", nameof(dimensions));
        }

        var shape = new TensorShapeProto();
        for (var i = 0; i < dimensions.Length; i++)
        {
            shape.Dim.Add(dimensions[i] is { } parameter
                ? new TensorShapeProto.Types.Dimension { DimParam = parameter }
                : new TensorShapeProto.Types.Dimension { DimValue = value.shape[i] });
        }

        var type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = ElementType(value.dtype), Shape = shape } };
        return new ValueInfoProto { Name = name, Type = type };
    }

    internal static TensorProto.Types.DataType ElementType(ScalarType type) => type switch
    {
        ScalarType.Float32 => TensorProto.Types.DataType.Float,
        ScalarType.Float64 => TensorProto.Types.DataType.Double,
        ScalarType.Int32 => TensorProto.Types.DataType.Int32,
        ScalarType.Int64 => TensorProto.Types.DataType.Int64,
        ScalarType.Bool => TensorProto.Types.DataType.Bool,
        _ => throw new NotSupportedException($"Tensors of type {type} are not written to ONNX; float32, float64, int32, int64 and bool are."),
    };

    private static byte[] Bytes(Tensor constant)
    {
        using var scope = NewDisposeScope();
        return constant.detach().cpu().contiguous().bytes.ToArray();
    }

    private sealed class NominalRows : IDisposable
    {
        private readonly Tracer tracer;
        private readonly (long Nominal, long Actual) outer;

        public NominalRows(Tracer tracer, long nominal, long actual)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(actual);
            (this.tracer, outer) = (tracer, tracer.rowShare);
            tracer.rowShare = (nominal, actual);
        }

        public void Dispose() => tracer.rowShare = outer;
    }
}
