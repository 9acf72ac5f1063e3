using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serve.Inference.Onnx.Rewriting;

/// <summary>
/// Rewrites the "focus" at the beginning of YOLOX and of the first YOLOv5: every second row and column, four pictures of half the size, are put one behind another and convolved
/// by k x k. One convolution of the picture itself, 2k x 2k in steps of 2 with the same weights in other places, gives the same sums without the copies.
/// </summary>
internal static class FocusRewriting
{
    private const int Parts = 4;

    /// <summary>Writes the rewritten model.</summary>
    /// <param name="path">The ONNX file.</param>
    /// <param name="target">The file to write.</param>
    /// <returns>False where there is nothing to rewrite, or something in the graph that this does not understand; nothing is written then.</returns>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static bool TryRewrite(string path, string target)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        StoredGraph graph;
        try
        {
            graph = StoredGraph.Read(file);
        }
        catch (WireFormatException)
        {
            return false;
        }

        if (graph.Initialisers.Values.Any(tensor => tensor.IsExternal) || graph.Nodes.Any(node => node.Attributes.Values.Any(attribute => attribute.HoldsGraph || attribute.Tensor is { IsExternal: true })))
            return false;

        var search = new FocusSearch(graph, file);
        var edit = new GraphEdit(file, graph);
        foreach (var focus in search.All())
        {
            var weight = $"{focus.Convolution.Outputs[0]}/focus";
            edit.Replace(focus.Convolution, Convolution(file, focus, weight));
            edit.Add(Weight(file, focus, weight));
            foreach (var node in focus.Copies)
                edit.Remove(node);
        }

        if (!edit.IsChanged)
            return false;
        edit.Write(target);
        return true;
    }

    /// <summary>The convolution's fields as they were, but for what it reads and where.</summary>
    private static byte[] Convolution(FileStream file, Focus focus, string weight)
    {
        var old = focus.Convolution;
        var node = new WireWriter().Field(1, focus.Source).Field(1, weight);
        foreach (var input in old.Inputs.Skip(2))
            node.Field(1, input);
        node.Field(2, old.Outputs[0]).Field(3, old.Name).Field(4, old.Operator);
        foreach (var (_, attribute) in old.Attributes.Where(attribute => attribute.Key is not ("kernel_shape" or "strides" or "pads")))
            node.Raw(FileBytes.Read(file, attribute.Range));
        return node.Field(5, Wholes("kernel_shape", [2 * focus.Kernel, 2 * focus.Kernel])).Field(5, Wholes("strides", [2, 2]))
            .Field(5, Wholes("pads", [.. focus.Pads.Select(pad => 2 * pad)])).ToArray();
    }

    private static byte[] Wholes(string name, long[] values)
    {
        const long listOfWholes = 7;
        var attribute = new WireWriter().Field(1, name);
        foreach (var value in values)
            attribute.Field(8, value);
        return attribute.Field(20, listOfWholes).ToArray();
    }

    /// <summary>float32 [filters, 4 x channels, k, k] becomes [filters, channels, 2k, 2k]: the part that begins at (dy, dx) has the places (2i + dy, 2j + dx).</summary>
    private static byte[] Weight(FileStream file, Focus focus, string name)
    {
        var (filters, channels, kernel) = ((int)focus.Filters, (int)focus.Channels, (int)focus.Kernel);
        var old = MemoryMarshal.Cast<byte, float>(FileBytes.Read(file, focus.Weight.Bytes!.Value));
        var wide = 2 * kernel;
        var values = new float[old.Length];
        for (var filter = 0; filter < filters; filter++)
        {
            for (var part = 0; part < Parts; part++)
            {
                var (dy, dx) = focus.Begins[part];
                for (var channel = 0; channel < channels; channel++)
                {
                    var from = old.Slice(((((filter * Parts) + part) * channels) + channel) * kernel * kernel, kernel * kernel);
                    var to = values.AsSpan(((filter * channels) + channel) * wide * wide, wide * wide);
                    for (var place = 0; place < from.Length; place++)
                        to[(((2 * (place / kernel)) + dy) * wide) + (2 * (place % kernel)) + dx] = from[place];
                }
            }
        }

        return new WireWriter().Field(1, filters).Field(1, channels).Field(1, wide).Field(1, wide)
            .Field(2, (long)TensorElementType.Float).Field(8, name).Field(9, MemoryMarshal.AsBytes(values.AsSpan())).ToArray();
    }
}
