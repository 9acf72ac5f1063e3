using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Families;

/// <summary>
/// Writes small graphs with the interface of real detectors. An output is <c>values + m x slopes</c>, m being the mean of a picture's tensor: what a model answers is
/// known, and can differ from picture to picture.
/// </summary>
/// <param name="picture">Name of the picture's input.</param>
/// <param name="type">Its type.</param>
/// <param name="shape">Its shape; a text is a dynamic side. Three dimensions are a picture without a batch.</param>
internal sealed class LinearGraph(string picture, OnnxWriter.Element type, params object[] shape)
{
    private readonly OnnxWriter _graph = Mean(new OnnxWriter().Input(picture, type, shape), picture, shape.Length);

    private static OnnxWriter Mean(OnnxWriter graph, string picture, int rank) => graph
        .Node("Cast", [picture], "pixels", ("to", (int)OnnxWriter.Element.Float))
        .Node("ReduceMean", ["pixels"], "mean", ("axes", rank == 4 ? new long[] { 1, 2, 3 } : [0, 1, 2]), ("keepdims", 0));

    /// <summary>The graph itself, for what this class has no words for.</summary>
    public OnnxWriter Graph => _graph;

    /// <summary>Adds an output.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="sides">Its shape; a text in front is the dynamic batch.</param>
    /// <param name="values">Values of one picture.</param>
    /// <param name="slopes">What is added per unit of the mean; null for nothing.</param>
    public LinearGraph Output(string name, OnnxWriter.Element type, object[] sides, float[] values, float[]? slopes = null)
    {
        var shape = sides.Select(side => side is int size ? (long)size : 1).ToArray();
        var spread = shape.Select((_, dimension) => dimension == 0 ? -1L : 1).ToArray();
        _graph.Output(name, type, sides)
            .Floats($"{name}/values", shape, values)
            .Floats($"{name}/slopes", shape, slopes ?? new float[values.Length])
            .Longs($"{name}/spread", [spread.Length], spread)
            .Node("Reshape", ["mean", $"{name}/spread"], $"{name}/mean")
            .Node("Mul", [$"{name}/mean", $"{name}/slopes"], $"{name}/shift")
            .Node("Add", [$"{name}/shift", $"{name}/values"], $"{name}/sum")
            .Node("Cast", [$"{name}/sum"], name, ("to", (int)type));
        return this;
    }

    /// <summary>Writes the file and returns its path.</summary>
    public string Save(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "model.onnx");
        _graph.Save(path);
        return path;
    }
}
