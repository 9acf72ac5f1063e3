using Serve.Eval.Datasets;
using Serve.Inference.Models;

namespace Serve.Api.Tests.Support;

/// <summary>A detector that takes long for what it does: it multiplies large matrices that come to nothing. It takes one picture at a time.</summary>
internal static class SlowModel
{
    private const int Width = 64;
    private const int Height = 48;
    private const int Side = 512;

    /// <summary>Writes <c>model.onnx</c> and <c>model.json</c>, version 1.</summary>
    /// <param name="models">The models folder.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="products">Matrix products in a run, a few milliseconds each.</param>
    public static void Write(string models, string name, int products)
    {
        var folder = Path.Combine(models, name, "1");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), Graph(products));
        File.WriteAllText(Path.Combine(folder, "model.json"), new Passport
        {
            Name = name,
            Version = 1,
            Input = new InputSpec { Name = "images", Width = Width, Height = Height },
            Categories = [new Category(1, "light")],
            ScoreThreshold = 0.1,
        }.ToJson());
    }

    private static byte[] Graph(int products)
    {
        var graph = new OnnxBytes()
            .Node("ReduceMean", ["images"], ["mean"], ("axes", [1, 2, 3]))
            .Node("Mul", ["mean", "small"], ["entry"])
            .Node("ConstantOfShape", ["shape"], ["empty"])
            .Node("Add", ["empty", "entry"], ["matrix"])
            .Node("Identity", ["matrix"], ["product0"]);
        for (var i = 0; i < products; i++)
            graph.Node("MatMul", [$"product{i}", "matrix"], [$"product{i + 1}"]);
        graph
            .Node("ReduceMean", [$"product{products}"], ["end"], ("axes", [2, 3]))
            .Node("Mul", ["end", "zero"], ["nothing"])
            .Node("Reshape", ["nothing", "flat"], ["nothingFlat"])
            .Node("Add", ["score", "nothingFlat"], ["scores"])
            .Node("Identity", ["box"], ["boxes"])
            .Node("Identity", ["label"], ["labels"])
            .Text(2, "slow")
            .Constant("small", [1f / (255 * Side)], 1)
            .Constant("shape", [(long)Side, Side], 2)
            .Constant("zero", [0f], 1)
            .Constant("flat", [1L, 1], 2)
            .Constant("score", [0.5f], 1, 1)
            .Constant("box", [1f, 2f, 30f, 40f], 1, 1, 4)
            .Constant("label", [0L], 1, 1)
            .Value(11, "images", true, 1, 3, Height, Width)
            .Value(12, "boxes", true, 1, 1, 4)
            .Value(12, "scores", true, 1, 1)
            .Value(12, "labels", false, 1, 1);
        return OnnxBytes.Model(graph).ToArray();
    }
}
