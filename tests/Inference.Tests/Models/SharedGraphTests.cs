using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Models;
using static Serve.Inference.Tests.Models.OnnxWriter;

namespace Serve.Inference.Tests.Models;

public sealed class SharedGraphTests : IDisposable
{
    private const int Many = 1 << 19;

    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("inner", Many)]
    [InlineData("weights", Many)]
    [InlineData("weights", 1000)]
    public void Weights_of_an_inner_graph_stay_its_own_whatever_their_name(string name, int count)
    {
        var bright = new OnnxWriter().Floats(name, [count], Cycle(count, 7)).Node("Add", ["x", name], "sum").Node("ReduceMean", ["sum"], "mean").Output("mean", Element.Float, 1);
        var dark = new OnnxWriter().Node("ReduceMean", ["x"], "itself").Output("itself", Element.Float, 1);
        var path = Save(new OnnxWriter().Output("chosen", Element.Float, 1)
            .Node("Cast", ["x"], "isBright", ("to", 9))
            .Node("If", ["isBright"], "chosen", ("then_branch", bright), ("else_branch", dark)));

        AssertSame(path, "y", "chosen");
    }

    [Fact]
    public void Weights_that_a_request_could_replace_keep_their_values()
        => AssertSame(Save(new OnnxWriter().Input("weights", Element.Float, Many)), "y");

    // y is the mean of x + weights.
    private string Save(OnnxWriter more)
    {
        var path = _folder.File("model.onnx");
        more.Input("x", Element.Float, 1).Output("y", Element.Float, 1)
            .Floats("weights", [Many], Cycle(Many, 5))
            .Node("Add", ["x", "weights"], "more").Node("ReduceMean", ["more"], "y")
            .Save(path);
        return path;
    }

    private static float[] Cycle(int count, int length) => [.. Enumerable.Range(0, count).Select(i => (float)(i % length))];

    private static void AssertSame(string path, params string[] outputs)
    {
        using var settings = new SessionOptions();
        using var shared = SharedGraph.TryCreate(path, new FileInfo(path).Length, settings);
        Assert.NotNull(shared);
        using var shares = new SessionOptions();
        shared.ShareWith(shares);
        using var itself = new InferenceSession(path);
        using var copy = new InferenceSession(shared.Path, shares);

        Assert.Equal(Run(itself, outputs), Run(copy, outputs));
    }

    private static float[] Run(InferenceSession session, string[] outputs)
    {
        using var x = OrtValue.CreateTensorValueFromMemory(new[] { 2f }, [1]);
        using var run = new RunOptions();
        using var values = session.Run(run, ["x"], [x], outputs);
        return [.. values.Select(value => value.GetTensorDataAsSpan<float>()[0])];
    }
}
