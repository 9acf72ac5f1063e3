using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Onnx.Rewriting;

/// <summary>The main graph of an ONNX file, with where in the file each of its parts is. Field numbers are those of onnx.proto.</summary>
internal sealed class StoredGraph
{
    private const int MostNumbers = 1 << 16;

    private readonly WireReader _reader;
    private readonly List<StoredNode> _nodes = [];
    private readonly Dictionary<string, StoredTensor> _initialisers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inputs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _outputs = new(StringComparer.Ordinal);

    private StoredGraph(WireReader reader) => _reader = reader;

    /// <summary>The whole field of the model that is the graph.</summary>
    public ByteRange Range { get; private set; }

    /// <summary>What is in it: the fields of the graph.</summary>
    public ByteRange Content { get; private set; }

    /// <summary>Its nodes in order.</summary>
    public IReadOnlyList<StoredNode> Nodes => _nodes;

    /// <summary>Its initialisers by name.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Initialisers => _initialisers;

    /// <summary>Names of its inputs. In old files initialisers are among them, and may be given another value.</summary>
    public IReadOnlySet<string> Inputs => _inputs;

    /// <summary>Names of its outputs.</summary>
    public IReadOnlySet<string> Outputs => _outputs;

    /// <summary>Reads a file.</summary>
    /// <exception cref="WireFormatException">It is no ONNX file or damaged.</exception>
    public static StoredGraph Read(Stream file)
    {
        var graph = new StoredGraph(new WireReader(file));
        graph.ReadModel();
        return graph;
    }

    private void ReadModel()
    {
        for (var start = _reader.Position; _reader.NextField() is var field and not 0; start = _reader.Position)
        {
            if (field != 7)
            {
                _reader.Skip();
                continue;
            }

            var outer = _reader.Enter();
            Content = new ByteRange(_reader.Position, _reader.End);
            ReadGraph();
            _reader.Leave(outer);
            Range = new ByteRange(start, _reader.Position);
        }
    }

    private void ReadGraph()
    {
        for (var start = _reader.Position; _reader.NextField() is var field and not 0; start = _reader.Position)
        {
            switch (field)
            {
                case 1:
                    _nodes.Add(ReadNode(start));
                    break;
                case 5:
                    var tensor = ReadTensor();
                    _initialisers[tensor.Name] = tensor;
                    break;
                case 11:
                    _inputs.Add(ReadName());
                    break;
                case 12:
                    _outputs.Add(ReadName());
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }
    }

    private StoredNode ReadNode(long start)
    {
        var outer = _reader.Enter();
        var (name, type, domain) = ("", "", "");
        var (inputs, outputs) = (new List<string>(), new List<string>());
        var attributes = new Dictionary<string, StoredAttribute>(StringComparer.Ordinal);
        for (var at = _reader.Position; _reader.NextField() is var field and not 0; at = _reader.Position)
        {
            switch (field)
            {
                case 1:
                    inputs.Add(_reader.Name());
                    break;
                case 2:
                    outputs.Add(_reader.Name());
                    break;
                case 3:
                    name = _reader.Name();
                    break;
                case 4:
                    type = _reader.Name();
                    break;
                case 5:
                    var (key, value) = ReadAttribute(at);
                    attributes[key] = value;
                    break;
                case 7:
                    domain = _reader.Name();
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        _reader.Leave(outer);
        return new StoredNode(new ByteRange(start, _reader.Position), domain is "" or "ai.onnx" ? type : $"{domain}.{type}", name, inputs, outputs, attributes);
    }

    private (string Name, StoredAttribute Value) ReadAttribute(long start)
    {
        var outer = _reader.Enter();
        var (name, whole, wholes, tensor, holdsGraph) = ("", 0L, new List<long>(), (StoredTensor?)null, false);
        while (_reader.NextField() is var field and not 0)
        {
            switch (field)
            {
                case 1:
                    name = _reader.Name();
                    break;
                case 3:
                    whole = _reader.Whole();
                    break;
                case 5:
                    tensor = ReadTensor();
                    break;
                case 8:
                    _reader.Wholes(wholes, MostNumbers);
                    break;
                case 6 or 11:
                    holdsGraph = true;
                    _reader.Skip();
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        _reader.Leave(outer);
        return (name, new StoredAttribute(new ByteRange(start, _reader.Position), whole, wholes, tensor, holdsGraph));
    }

    private StoredTensor ReadTensor()
    {
        var outer = _reader.Enter();
        var (name, type, isExternal) = ("", 0L, false);
        var (shape, wholes) = (new List<long>(), new List<long>());
        ByteRange? bytes = null;
        while (_reader.NextField() is var field and not 0)
        {
            switch (field)
            {
                case 1:
                    _reader.Wholes(shape, MostNumbers);
                    break;
                case 2:
                    type = _reader.Whole();
                    break;
                // 32-bit floats in a packed list are the same bytes.
                case 4 or 9:
                    var inner = _reader.Enter();
                    bytes = new ByteRange(_reader.Position, _reader.End);
                    _reader.Leave(inner);
                    break;
                case 7:
                    _reader.Wholes(wholes, MostNumbers);
                    break;
                case 8:
                    name = _reader.Name();
                    break;
                case 14:
                    isExternal = _reader.Whole() != 0;
                    break;
                default:
                    _reader.Skip();
                    break;
            }
        }

        _reader.Leave(outer);
        return new StoredTensor(name, (TensorElementType)type, shape, wholes, bytes, isExternal);
    }

    /// <summary>The first field of a ValueInfoProto.</summary>
    private string ReadName()
    {
        var outer = _reader.Enter();
        var name = "";
        while (_reader.NextField() is var field and not 0)
        {
            if (field == 1)
                name = _reader.Name();
            else
                _reader.Skip();
        }

        _reader.Leave(outer);
        return name;
    }
}
