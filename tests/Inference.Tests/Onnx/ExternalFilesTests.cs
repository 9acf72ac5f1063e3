using Serve.Eval;
using Serve.Inference.Onnx;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Onnx;

public sealed class ExternalFilesTests
{
    [Theory]
    [InlineData("weights.data")]
    [InlineData("./weights.data")]
    [InlineData("parts/weights.data")]
    [InlineData("link.data")]
    public void Files_in_the_folder_of_the_graph_are_accepted(string location)
    {
        using var folder = TestFiles.NewFolder();
        Directory.CreateDirectory(folder.File("parts"));
        File.WriteAllBytes(folder.File("weights.data"), new byte[32]);
        File.WriteAllBytes(folder.File("parts/weights.data"), new byte[32]);
        File.CreateSymbolicLink(folder.File("link.data"), "parts/weights.data");

        var graph = OnnxFile.Describe(Graph(folder, location));

        Assert.Equal([location], graph.ExternalFiles);
    }

    [Theory]
    [InlineData("/etc/passwd", "is an absolute path")]
    [InlineData("C:\\Windows\\win.ini", "is an absolute path")]
    [InlineData("\\\\server\\share\\x", "is an absolute path")]
    [InlineData("../outside.data", "leads out of its folder by '..'")]
    [InlineData("parts/../../outside.data", "leads out of its folder by '..'")]
    [InlineData("parts\\..\\..\\outside.data", "leads out of its folder by '..'")]
    [InlineData("absent.data", "is not there: copy it beside the graph")]
    [InlineData("", "names no file")]
    [InlineData("a\0b", "is no file name")]
    [InlineData("short.data", "has 4 bytes where the graph needs 32")]
    [InlineData("link.data", "is a symbolic link that leads out of its folder")]
    [InlineData("outside/target.data", "is a symbolic link that leads out of its folder")]
    [InlineData("twice.data", "is a symbolic link that leads out of its folder")]
    public void Other_files_are_refused_with_the_cause(string location, string cause)
    {
        using var outside = TestFiles.NewFolder();
        using var folder = TestFiles.NewFolder();
        File.WriteAllBytes(outside.File("target.data"), new byte[32]);
        File.WriteAllBytes(folder.File("short.data"), new byte[4]);
        File.CreateSymbolicLink(folder.File("link.data"), outside.File("target.data"));
        File.CreateSymbolicLink(folder.File("twice.data"), "link.data");
        Directory.CreateSymbolicLink(folder.File("outside"), outside.Path);
        var path = Graph(folder, location);

        var refused = Assert.Throws<InvalidInputException>(() => OnnxFile.Describe(path));

        Assert.StartsWith($"{path}: the graph keeps tensors in '", refused.Message, StringComparison.Ordinal);
        Assert.Contains(cause, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_itself_a_link_is_as_good_as_any()
    {
        using var real = TestFiles.NewFolder();
        using var other = TestFiles.NewFolder();
        File.WriteAllBytes(real.File("weights.data"), new byte[32]);
        Graph(real, "weights.data");
        Directory.CreateSymbolicLink(other.File("linked"), real.Path);

        var graph = OnnxFile.Describe(other.File("linked/model.onnx"));

        Assert.Equal(["weights.data"], graph.ExternalFiles);
    }

    private static string Graph(TemporaryFolder folder, string location)
    {
        new OnnxWriter()
            .Input("x", OnnxWriter.Element.Float, 4)
            .Output("y", OnnxWriter.Element.Float, 4)
            .External("w", [4], ("location", location), ("offset", "16"), ("length", "16"))
            .Node("Mul", ["x", "w"], "y")
            .Save(folder.File("model.onnx"));
        return folder.File("model.onnx");
    }
}
