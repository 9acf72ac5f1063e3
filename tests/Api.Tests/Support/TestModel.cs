using Serve.Eval.Datasets;
using Serve.Inference.Models;

namespace Serve.Api.Tests.Support;

/// <summary>
/// A detector of a few kilobytes: it divides its 64 x 48 input into twelve cells and gives the three lightest as boxes, the score being the
/// cell's mean lightness. What it finds depends on the picture alone.
/// </summary>
internal static class TestModel
{
    private const int Cell = 16;
    private const int Columns = 4;
    private const int Rows = 3;
    private const int Found = 3;

    /// <summary>Writes <c>model.onnx</c> and <c>model.json</c>, and gives their folder.</summary>
    public static string Write(string models, string name, int version) => Write(models, name, version, Graph(layers: 0));

    /// <summary>The same that takes some tens of milliseconds a picture, with nothing to show for it.</summary>
    public static string WriteSlow(string models, string name, int version) => Write(models, name, version, Graph(layers: 8));

    /// <summary>The same with masks over the boxes: the upper half of each.</summary>
    public static string WriteWithMasks(string models, string name, int version)
    {
        var passport = PassportOf(name, version) with { Outputs = new OutputSpec { Masks = "masks" } };
        return Write(models, passport, Graph(layers: 0, masks: true));
    }

    /// <summary>The same with a passport that tells of a training on COCO.</summary>
    public static string WriteTrained(string models, string name, int version, double epochs)
        => Write(models, PassportOf(name, version) with { Provenance = Trained(epochs) }, Graph(layers: 0));

    /// <summary>A detector that takes pictures letterboxed to 640 x 480, and finds the same boxes in all of them; trained for 12 epochs on COCO.</summary>
    public static string WriteLarge(string models, string name, int version, bool takesAnySize)
        => Write(
            models, PassportOf(name, version) with { Input = new InputSpec { Name = "images", Width = 640, Height = 480 }, Provenance = Trained(epochs: 12) }, LargeGraph(takesAnySize));

    private static string Write(string models, string name, int version, byte[] graph) => Write(models, PassportOf(name, version), graph);

    private static string Write(string models, Passport passport, byte[] graph)
    {
        var folder = Path.Combine(models, passport.Name, $"{passport.Version}");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), graph);
        File.WriteAllText(Path.Combine(folder, "model.json"), passport.ToJson());
        return folder;
    }

    private static Passport PassportOf(string name, int version) => new()
    {
        Name = name,
        Version = version,
        Input = new InputSpec { Name = "images", Width = Columns * Cell, Height = Rows * Cell },
        Categories = [new Category(1, "light"), new Category(2, "dark")],
        ScoreThreshold = 0.3,
    };

    private static Provenance Trained(double epochs) => new()
    {
        Recipe = "test",
        Commit = "none",
        Seed = 1,
        TrainedOn = [new("coco/train2017", new string('0', 64), 100, epochs)],
        AnnotationTypes = ["boxes"],
        AggressiveTuning = false,
        TestTimeAugmentation = false,
        Parameters = 1,
        MultiplyAdds = 1,
        TrainingResolution = "64 x 48",
        TestResolution = "64 x 48",
    };

    private static byte[] LargeGraph(bool takesAnySize)
    {
        const int cells = Columns * Rows;
        var graph = new OnnxBytes()
            .Node("GlobalAveragePool", ["images"], ["mean"])
            .Node("Conv", ["mean", "weights"], ["cells"], ("kernel_shape", [1, 1]))
            .Node("Reshape", ["cells", "flat"], ["lightness"])
            .Node("TopK", ["lightness", "found"], ["scores", "places"])
            .Node("Gather", ["cellBoxes", "places"], ["boxes"])
            .Node("Gather", ["cellLabels", "places"], ["labels"])
            .Text(2, "large")
            .Constant("weights", [.. Enumerable.Range(0, cells * 3).Select(i => (1f + (i / 3)) / (3 * 255 * cells))], cells, 3, 1, 1)
            .Constant("flat", [-1L, cells], 2)
            .Constant("found", [(long)Found], 1)
            .Constant("cellBoxes", Enumerable.Range(0, cells).SelectMany(i => Corners(i % Columns, i / Columns)).ToArray(), cells, 4)
            .Constant("cellLabels", Enumerable.Repeat(0L, cells).ToArray(), cells)
            .Value(11, "images", true, -1, 3, takesAnySize ? -1 : 480, takesAnySize ? -1 : 640)
            .Value(12, "boxes", true, -1, Found, 4)
            .Value(12, "scores", true, -1, Found)
            .Value(12, "labels", false, -1, Found);
        return OnnxBytes.Model(graph).ToArray();
    }

    private static byte[] Graph(int layers, bool masks = false)
    {
        const int cells = Columns * Rows;
        var mean = Enumerable.Repeat(1f / (3 * Cell * Cell * 255), 3 * Cell * Cell).ToArray();
        var boxes = Enumerable.Range(0, cells).SelectMany(i => Corners(i % Columns, i / Columns)).ToArray();
        var labels = Enumerable.Range(0, cells).Select(i => i % 4 == 3 ? 1L : 0L).ToArray();
        var graph = new OnnxBytes();
        AddWork(graph, layers);
        graph.Node("Conv", ["images", "mean"], [layers > 0 ? "means" : "cells"], ("kernel_shape", [Cell, Cell]), ("strides", [Cell, Cell]));
        if (layers > 0)
            graph.Node("Add", ["means", "nothing"], ["cells"]);
        graph
            .Node("Reshape", ["cells", "flat"], ["lightness"])
            .Node("TopK", ["lightness", "found"], ["scores", "places"])
            .Node("Gather", ["cellBoxes", "places"], ["boxes"])
            .Node("Gather", ["cellLabels", "places"], ["labels"])
            .Text(2, "lightest-cells")
            .Constant("mean", mean, 1, 3, Cell, Cell)
            .Constant("flat", [-1L, cells], 2)
            .Constant("found", [(long)Found], 1)
            .Constant("cellBoxes", boxes, cells, 4)
            .Constant("cellLabels", labels, cells)
            .Value(11, "images", true, -1, 3, Rows * Cell, Columns * Cell)
            .Value(12, "boxes", true, -1, Found, 4)
            .Value(12, "scores", true, -1, Found)
            .Value(12, "labels", false, -1, Found);
        if (masks)
        {
            graph.Node("Gather", ["cellMasks", "places"], ["masks"])
                .Constant("cellMasks", Enumerable.Range(0, cells * Cell * Cell).Select(i => i % (Cell * Cell) < Cell * Cell / 2 ? 1f : 0f).ToArray(), cells, Cell, Cell)
                .Value(12, "masks", true, -1, Found, Cell, Cell);
        }

        return OnnxBytes.Model(graph).ToArray();
    }

    // Layers of 5 x 5 convolutions over 64 channels, of which nothing is added to the cells.
    private static void AddWork(OnnxBytes graph, int layers)
    {
        const int channels = 64;
        const int kernel = 5;
        if (layers == 0)
            return;
        graph.Constant("first", Enumerable.Repeat(0.01f, channels * 3).ToArray(), channels, 3, 1, 1);
        graph.Constant("layer", Enumerable.Repeat(0.0001f, channels * channels * kernel * kernel).ToArray(), channels, channels, kernel, kernel);
        graph.Constant("last", new float[channels * Cell * Cell], 1, channels, Cell, Cell);
        graph.Node("Conv", ["images", "first"], ["work0"], ("kernel_shape", [1, 1]));
        for (var i = 0; i < layers; i++)
            graph.Node("Conv", [$"work{i}", "layer"], [$"work{i + 1}"], ("kernel_shape", [kernel, kernel]), ("pads", [2, 2, 2, 2]));
        graph.Node("Conv", [$"work{layers}", "last"], ["nothing"], ("kernel_shape", [Cell, Cell]), ("strides", [Cell, Cell]));
    }

    private static float[] Corners(int column, int row) => [column * Cell, row * Cell, (column + 1) * Cell, (row + 1) * Cell];
}
