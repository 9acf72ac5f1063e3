using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>What recognisers ask a graph.</summary>
internal static class GraphLookup
{
    extension(GraphDescription graph)
    {
        /// <summary>The input of one of these names, null when there is none; <c>name:0</c>, as TensorFlow writes it, counts as <c>name</c>.</summary>
        public GraphTensor? Input(params ReadOnlySpan<string> names) => Named(graph.Inputs, names);

        /// <summary>The output of one of these names, null when there is none; <c>name:0</c>, as TensorFlow writes it, counts as <c>name</c>.</summary>
        public GraphTensor? Output(params ReadOnlySpan<string> names) => Named(graph.Outputs, names);

        /// <summary>True when a node or initialiser has one of these parts in its name.</summary>
        public bool Mentions(params string[] parts)
            => graph.Names.Any(name => parts.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase)));

        /// <summary>The shape of the first initialiser whose name ends so; null when there is none.</summary>
        public IReadOnlyList<long>? Weight(params string[] endings)
            => graph.Weights.Where(weight => endings.Any(ending => weight.Key.EndsWith(ending, StringComparison.Ordinal))).Select(weight => weight.Value).FirstOrDefault();

        /// <summary>True when the operator is used.</summary>
        public bool Uses(string type) => graph.Operators.ContainsKey(type);
    }

    extension(GraphTensor tensor)
    {
        /// <summary>
        /// True when the tensor can have this shape; -1 stands for any size. A dynamic dimension fits every size, and a shape that the graph does not tell fits
        /// everything.
        /// </summary>
        public bool Fits(params ReadOnlySpan<int> sides)
        {
            if (tensor.Shape is null)
                return true;
            if (tensor.Shape.Count != sides.Length)
                return false;
            for (var i = 0; i < sides.Length; i++)
            {
                if (sides[i] >= 0 && tensor.Shape[i] >= 0 && tensor.Shape[i] != sides[i])
                    return false;
            }

            return true;
        }

        /// <summary>The size of a dimension, null where it is dynamic or not told; counted from the end when negative.</summary>
        public int? Side(int dimension)
        {
            if (tensor.Shape is null)
                return null;
            var index = dimension < 0 ? tensor.Shape.Count + dimension : dimension;
            return index >= 0 && index < tensor.Shape.Count && tensor.Shape[index] >= 0 ? tensor.Shape[index] : null;
        }
    }

    private static GraphTensor? Named(IReadOnlyList<GraphTensor> tensors, ReadOnlySpan<string> names)
    {
        foreach (var tensor in tensors)
        {
            var name = tensor.Name.EndsWith(":0", StringComparison.Ordinal) ? tensor.Name[..^2] : tensor.Name;
            if (names.Contains(name))
                return tensor;
        }

        return null;
    }
}
