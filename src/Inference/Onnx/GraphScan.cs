using System.Globalization;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Onnx;

/// <summary>One pass over the fields of an ONNX file. Field numbers are those of onnx.proto.</summary>
internal sealed class GraphScan(WireReader reader)
{
    private const int LongestMetadata = 16 << 20;
    private const int MostNames = 50_000;
    private const int DeepestGraph = 32;
    private const int MostDimensions = 64;

    private readonly List<GraphTensor> _inputs = [];
    private readonly List<GraphTensor> _outputs = [];
    private readonly Dictionary<string, IReadOnlyList<long>> _initialisers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _operators = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly Dictionary<string, long> _extents = new(StringComparer.Ordinal);
    private readonly List<ExternalTensor> _externals = [];
    private readonly HashSet<string> _innerWeights = new(StringComparer.Ordinal);

    private enum TensorRole
    {
        /// <summary>An initialiser of the main graph.</summary>
        Weight,

        /// <summary>An initialiser of a graph inside another.</summary>
        InnerWeight,

        /// <summary>An attribute of a node, or the places of sparse values.</summary>
        Constant,
    }

    /// <summary>Locations of external tensors, each with the number of bytes that its file must have at least.</summary>
    public IReadOnlyDictionary<string, long> Extents => _extents;

    /// <summary>Scans the whole file.</summary>
    /// <exception cref="WireFormatException">It is no ONNX file or damaged.</exception>
    public GraphDescription Describe()
    {
        var (producer, producerVersion, hasGraph) = ("", "", false);
        while (reader.NextField() is var field and not 0)
        {
            switch (field)
            {
                case 2:
                    producer = reader.Name();
                    break;
                case 3:
                    producerVersion = reader.Name();
                    break;
                case 7:
                    hasGraph = true;
                    Graph(depth: 0);
                    break;
                case 14:
                    var (key, value) = Entry();
                    _metadata[key] = value;
                    break;
                case 25:
                    Function();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (!hasGraph)
            throw new WireFormatException("it has no graph");
        return new GraphDescription(
            [.. _inputs.Where(input => !_initialisers.ContainsKey(input.Name))], _outputs, _metadata, $"{producer} {producerVersion}".Trim(), _operators, _names, [.. _extents.Keys])
        {
            Weights = _initialisers,
            ExternalTensors = _externals,
            InnerWeights = _innerWeights,
        };
    }

    private void Graph(int depth)
    {
        if (depth > DeepestGraph)
            throw new WireFormatException($"before byte {reader.Position} begins a graph inside {DeepestGraph} others");
        var isMain = depth == 0;
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            switch (field)
            {
                case 1:
                    Node(depth);
                    break;
                case 5:
                    Tensor(isMain ? TensorRole.Weight : TensorRole.InnerWeight);
                    break;
                case 11 when isMain:
                    _inputs.Add(ValueInfo.Read(reader));
                    break;
                case 12 when isMain:
                    _outputs.Add(ValueInfo.Read(reader));
                    break;
                case 15:
                    SparseTensor(isMain ? TensorRole.Weight : TensorRole.InnerWeight);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Leave(outer);
    }

    /// <summary>A function that the model itself defines: of its fields, 7 are the nodes.</summary>
    private void Function()
    {
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            if (field == 7)
                Node(depth: 1);
            else
                reader.Skip();
        }

        reader.Leave(outer);
    }

    private void Node(int depth)
    {
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            switch (field)
            {
                case 3:
                    Remember(reader.Name());
                    break;
                case 4:
                    var type = reader.Name();
                    _operators[type] = _operators.GetValueOrDefault(type) + 1;
                    break;
                case 5:
                    Attribute(depth);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Leave(outer);
    }

    private void Attribute(int depth)
    {
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            switch (field)
            {
                case 5 or 10:
                    Tensor(TensorRole.Constant);
                    break;
                case 6 or 11:
                    Graph(depth + 1);
                    break;
                case 22 or 23:
                    SparseTensor(TensorRole.Constant);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Leave(outer);
    }

    /// <summary>Values (named as the whole is) and their places.</summary>
    private void SparseTensor(TensorRole role)
    {
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            if (field is 1 or 2)
                Tensor(field == 1 ? role : TensorRole.Constant);
            else
                reader.Skip();
        }

        reader.Leave(outer);
    }

    private void Tensor(TensorRole role)
    {
        var outer = reader.Enter();
        string? name = null, location = null;
        var dimensions = new List<long>();
        var (type, offset, length) = (0L, 0L, 0L);
        while (reader.NextField() is var field and not 0)
        {
            switch (field)
            {
                case 1 when role == TensorRole.Weight:
                    reader.Wholes(dimensions, MostDimensions);
                    break;
                case 2 when role == TensorRole.Weight:
                    type = reader.Whole();
                    break;
                case 8 when role == TensorRole.Weight:
                    name = reader.Name();
                    Remember(name);
                    break;
                case 8 when role == TensorRole.InnerWeight:
                    _innerWeights.Add(reader.Name());
                    break;
                case 13:
                    var (key, value) = Entry();
                    if (key == "location")
                        location = value;
                    else if (key is "offset" && !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out offset)
                             || key is "length" && !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out length))
                        throw new WireFormatException($"a tensor's data has the {key} '{(value.Length > 40 ? value[..40] : value)}'");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Leave(outer);
        if (name is not null)
            _initialisers[name] = dimensions;
        if (location is not null)
            _extents[location] = Math.Max(_extents.GetValueOrDefault(location), offset > long.MaxValue - length ? long.MaxValue : offset + length);
        if (name is not null && location is not null)
            _externals.Add(new ExternalTensor(name, (TensorElementType)type, [.. dimensions], location, offset, length));
    }

    private (string Key, string Value) Entry()
    {
        var (key, value) = ("", "");
        var outer = reader.Enter();
        while (reader.NextField() is var field and not 0)
        {
            if (field == 1)
                key = reader.Name();
            else if (field == 2)
                value = reader.Text(LongestMetadata);
            else
                reader.Skip();
        }

        reader.Leave(outer);
        return (key, value);
    }

    private void Remember(string name)
    {
        if (name.Length > 0 && _names.Count < MostNames)
            _names.Add(name);
    }
}
