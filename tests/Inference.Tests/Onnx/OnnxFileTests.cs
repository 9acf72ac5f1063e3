using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Onnx;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Onnx;

public sealed class OnnxFileTests
{
    [Fact]
    public void A_small_graph_is_told_whole()
    {
        using var folder = TestFiles.NewFolder();
        new OnnxWriter()
            .Input("images", OnnxWriter.Element.Float, "batch", 3, "", 416)
            .Input("weight", OnnxWriter.Element.Float, 2)
            .Output("scores", OnnxWriter.Element.Int64, "batch", 5)
            .Floats("weight", [2], 1, 2)
            .Node("Mul", ["images", "weight"], "product")
            .Node("Mul", ["product", "weight"], "scores")
            .Metadata("names", "{0: 'cat'}")
            .Save(folder.File("model.onnx"));

        var graph = OnnxFile.Describe(folder.File("model.onnx"));

        var input = Assert.Single(graph.Inputs);
        Assert.Equal(("images", TensorElementType.Float, "[?, 3, ?, 416]"), (input.Name, input.Type, input.ShapeText));
        Assert.Equal(["batch", "", "", ""], input.Symbols);
        Assert.Equal([("scores", TensorElementType.Int64)], graph.Outputs.Select(output => (output.Name, output.Type)));
        Assert.Equal("{0: 'cat'}", graph.Metadata["names"]);
        Assert.Equal(2, graph.Operators["Mul"]);
        Assert.Equal(["weight"], graph.Names);
        Assert.Equal([2L], graph.Weights["weight"]);
        Assert.Empty(graph.ExternalFiles);
    }

    [Theory]
    [InlineData("yolov8n-int8", "images [1, 3, 640, 640]", "output0 [1, 84, 8400]")]
    [InlineData("rtmdet-nano-person", "input [?, 3, ?, ?]", "dets [?, ?, ?]; labels [?, ?]")]
    [InlineData("deimv2-atto-int8", "images [?, 3, 320, 320]; orig_target_sizes [?, 2]", "labels [?]; boxes [?, ?]; scores [?]")]
    [InlineData("ultraface-rfb-320-raw", "input [1, 3, 240, 320]", "scores [1, 4420, 2]; boxes [1, 4420, 4]")]
    public void Real_files_are_read_as_their_makers_meant_them(string model, string inputs, string outputs)
    {
        var graph = OnnxFile.Describe(TestFiles.Shared($"models/{model}/model.onnx"));

        Assert.Equal(inputs, Text(graph.Inputs));
        Assert.Equal(outputs, Text(graph.Outputs));
    }

    [Fact]
    public void A_real_file_tells_its_metadata_operators_names_and_data_files()
    {
        var yolo = OnnxFile.Describe(TestFiles.Shared("models/yolov8n-int8/model.onnx"));
        var yolox = OnnxFile.Describe(TestFiles.Shared("models/yolox-nano-decoded/model.onnx"));

        Assert.Equal(("detect", "onnx.quantize 0.1.0"), (yolo.Metadata["task"], yolo.Producer));
        Assert.Equal((64, 1), (yolo.Operators["ConvInteger"], yolo.Operators["Softmax"]));
        Assert.Contains("/model.22/Concat_3", yolo.Names);
        Assert.Contains("backbone.C3_n3.conv1.conv.weight", yolox.Names);
        Assert.Equal(["yolox_nano.onnx.data"], yolox.ExternalFiles);
    }

    [Fact]
    public void No_tensor_is_read()
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("model.onnx");
        var writer = new OnnxWriter().Input("x", OnnxWriter.Element.Float, 1).Output("y", OnnxWriter.Element.Float, 1).Floats("w", [4 << 20], new float[4 << 20]);
        writer.Save(path);
        OnnxFile.Describe(path);
        var before = GC.GetAllocatedBytesForCurrentThread();

        OnnxFile.Describe(path);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 10);
    }

    internal static string Text(IEnumerable<GraphTensor> tensors) => string.Join("; ", tensors.Select(tensor => $"{tensor.Name} {tensor.ShapeText}"));
}
