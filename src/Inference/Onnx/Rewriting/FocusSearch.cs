using System.Buffers.Binary;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Onnx.Rewriting;

/// <summary>A focus that was found.</summary>
/// <param name="Source">What is taken apart: [N, channels, height, width].</param>
/// <param name="Begins">The row and column, each 0 or 1, at which each part begins, in the order in which they are put together.</param>
/// <param name="Convolution">What reads the parts, in steps of 1.</param>
/// <param name="Weight">Its weights: float32 [filters, 4 x channels, kernel, kernel].</param>
/// <param name="Pads">Its padding: top, left, bottom, right.</param>
/// <param name="Copies">Nodes that nothing needs any more.</param>
internal sealed record Focus(
    string Source, IReadOnlyList<(int Row, int Column)> Begins, StoredNode Convolution, StoredTensor Weight, IReadOnlyList<long> Pads, IReadOnlyList<StoredNode> Copies)
{
    /// <summary>Filters of the convolution.</summary>
    public long Filters => Weight.Shape[0];

    /// <summary>Channels of the source.</summary>
    public long Channels => Weight.Shape[1] / 4;

    /// <summary>Side of its kernel.</summary>
    public long Kernel => Weight.Shape[2];
}

/// <summary>Finds each place where a graph takes every second row and column, and convolves the parts.</summary>
internal sealed class FocusSearch
{
    private const int Axes = 4;

    private readonly StoredGraph _graph;
    private readonly FileStream _file;
    private readonly Dictionary<string, StoredNode> _makers = new(StringComparer.Ordinal);
    private readonly ILookup<string, StoredNode> _readers;

    public FocusSearch(StoredGraph graph, FileStream file)
    {
        (_graph, _file) = (graph, file);
        foreach (var node in graph.Nodes)
        {
            foreach (var output in node.Outputs)
                _makers[output] = node;
        }

        _readers = graph.Nodes.SelectMany(node => node.Inputs.Distinct().Select(input => (input, node))).ToLookup(pair => pair.input, pair => pair.node, StringComparer.Ordinal);
    }

    /// <summary>All of them, in the graph's order.</summary>
    public IEnumerable<Focus> All() => _graph.Nodes.Where(node => node.Operator == "Concat" && node.Inputs.Count == 4 && node.Whole("axis", 0) is 1 or 1 - Axes).Select(Of).OfType<Focus>();

    private Focus? Of(StoredNode together)
    {
        var parts = together.Inputs.Select(PartOf).OfType<Part>().ToList();
        if (parts.Count != 4 || parts.Select(part => part.Source).Distinct().Count() != 1 || parts.Select(part => part.Begin).Distinct().Count() != 4)
            return null;
        if (_graph.Outputs.Contains(together.Outputs[0]) || _readers[together.Outputs[0]].ToList() is not [{ Operator: "Conv" } convolution] || convolution.Inputs[0] != together.Outputs[0])
            return null;
        var weight = WeightOf(convolution);
        return weight is null
            ? null
            : new Focus(parts[0].Source, [.. parts.Select(part => part.Begin)], convolution, weight, convolution.Wholes("pads", 0, 0, 0, 0), Unneeded(together, parts));
    }

    /// <summary>The weights of a convolution that is a plain one.</summary>
    private StoredTensor? WeightOf(StoredNode convolution)
    {
        var isPlain = convolution.Whole("group", 1) == 1 && !convolution.Attributes.ContainsKey("auto_pad") && convolution.Outputs.Count == 1
            && convolution.Wholes("strides", 1, 1).All(step => step == 1) && convolution.Wholes("dilations", 1, 1).All(step => step == 1) && convolution.Wholes("pads", 0, 0, 0, 0).Count == 4;
        return isPlain && convolution.Inputs.Count >= 2 && !_graph.Inputs.Contains(convolution.Inputs[1])
            && _graph.Initialisers.TryGetValue(convolution.Inputs[1], out var weight)
            && weight is { Type: TensorElementType.Float, Shape: [> 0, > 0, > 0, > 0], Bytes: not null } && weight.Shape[1] % 4 == 0 && weight.Shape[2] == weight.Shape[3]
            && weight.Bytes.Value.Length == sizeof(float) * weight.Shape.Aggregate((product, side) => product * side)
            ? weight
            : null;
    }

    /// <summary>Goes from a part back to what it was taken from.</summary>
    private Part? PartOf(string name)
    {
        int? row = null, column = null;
        var slices = new List<StoredNode>();
        while (row is null || column is null)
        {
            if (!_makers.TryGetValue(name, out var slice) || slice.Operator != "Slice" || slice.Inputs.Count != 5 || slices.Count == 2)
                return null;
            var (begins, ends, axes, steps) = (Constant(slice.Inputs[1]), Constant(slice.Inputs[2]), Constant(slice.Inputs[3]), Constant(slice.Inputs[4]));
            if (begins is null || ends is null || axes is null || steps is null || axes.Count == 0 || begins.Count != axes.Count || ends.Count != axes.Count || steps.Count != axes.Count)
                return null;
            for (var i = 0; i < axes.Count; i++)
            {
                // Up to the end, wherever that is.
                if (begins[i] is not (0 or 1) || steps[i] != 2 || ends[i] < int.MaxValue)
                    return null;
                switch (axes[i] < 0 ? axes[i] + Axes : axes[i])
                {
                    case 2 when row is null:
                        row = (int)begins[i];
                        break;
                    case 3 when column is null:
                        column = (int)begins[i];
                        break;
                    default:
                        return null;
                }
            }

            slices.Add(slice);
            name = slice.Inputs[0];
        }

        return new Part(name, (row.Value, column.Value), slices);
    }

    /// <summary>Whole numbers that are the same in every run; null for others.</summary>
    private IReadOnlyList<long>? Constant(string name)
    {
        var tensor = _makers.TryGetValue(name, out var maker)
            ? maker is { Operator: "Constant" } && maker.Attributes.TryGetValue("value", out var value) ? value.Tensor : null
            : _graph.Inputs.Contains(name) ? null : _graph.Initialisers.GetValueOrDefault(name);
        if (tensor is null || tensor.Type is not (TensorElementType.Int64 or TensorElementType.Int32))
            return null;
        if (tensor.Bytes is not { } range)
            return tensor.Type == TensorElementType.Int64 ? tensor.Wholes : null;
        var size = tensor.Type == TensorElementType.Int64 ? sizeof(long) : sizeof(int);
        if (range.Length > 16 * size)
            return null;
        var bytes = FileBytes.Read(_file, range);
        return [.. Enumerable.Range(0, bytes.Length / size).Select(i => size == sizeof(long) ? BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * size)) : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(i * size)))];
    }

    /// <summary>What nothing else reads, from the last node back to the first.</summary>
    private List<StoredNode> Unneeded(StoredNode together, List<Part> parts)
    {
        var unneeded = new List<StoredNode> { together };
        foreach (var slice in parts.SelectMany(part => part.Slices.Take(1)).Concat(parts.SelectMany(part => part.Slices.Skip(1))).Distinct())
        {
            if (!_graph.Outputs.Contains(slice.Outputs[0]) && _readers[slice.Outputs[0]].All(unneeded.Contains))
                unneeded.Add(slice);
        }

        return unneeded;
    }

    /// <param name="Source">What it was taken from.</param>
    /// <param name="Begin">The row and column at which it begins.</param>
    /// <param name="Slices">The nodes that took it, the last one first.</param>
    private sealed record Part(string Source, (int Row, int Column) Begin, IReadOnlyList<StoredNode> Slices);
}
