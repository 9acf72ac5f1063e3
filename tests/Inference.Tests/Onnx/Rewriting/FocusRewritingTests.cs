using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Models;
using Serve.Inference.Onnx;
using Serve.Inference.Onnx.Rewriting;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Onnx.Rewriting;

public sealed class FocusRewritingTests : IDisposable
{
    private const int Filters = 5;
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 3, 3)]
    [InlineData(2, 3, 3)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 2, 5)]
    public void Rewritten_graph_gives_the_same_sums(int batch, int channels, int kernel)
    {
        var before = Save(Graph(channels, kernel));
        var after = _folder.File("after.onnx");

        Assert.True(FocusRewriting.TryRewrite(before, after));

        var (operators, metadata) = (OnnxFile.Describe(after).Operators, OnnxFile.Describe(after).Metadata);
        Assert.Equal([("Conv", 1), ("Relu", 1)], operators.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
        Assert.Equal("kept", metadata["note"]);
        AssertSame(before, after, [batch, channels, 12, 16]);
    }

    [Theory]
    [InlineData(0, 2, 1, 3)]
    [InlineData(3, 1, 2, 0)]
    public void Parts_may_come_in_any_order(params int[] order)
    {
        var before = Save(Graph(3, 3, order));

        Assert.True(FocusRewriting.TryRewrite(before, _folder.File("after.onnx")));
        AssertSame(before, _folder.File("after.onnx"), [1, 3, 8, 8]);
    }

    [Fact]
    public void Padding_may_differ_from_side_to_side()
    {
        var before = Save(Graph(3, 3, pads: [1, 0, 2, 1]));

        Assert.True(FocusRewriting.TryRewrite(before, _folder.File("after.onnx")));
        AssertSame(before, _folder.File("after.onnx"), [1, 3, 8, 8]);
    }

    [Fact]
    public void A_part_that_is_also_read_elsewhere_stays()
    {
        var before = Save(Graph(3, 3).Node("Abs", ["part0"], "other").Output("other", OnnxWriter.Element.Float, "n", 3, "h2", "w2"));

        Assert.True(FocusRewriting.TryRewrite(before, _folder.File("after.onnx")));
        AssertSame(before, _folder.File("after.onnx"), [1, 3, 8, 8]);
    }

    private static readonly Dictionary<string, Func<OnnxWriter>> s_others = new()
    {
        ["two parts begin at one place"] = () => Graph(3, 3, [0, 1, 1, 3]),
        ["the convolution takes steps of 2"] = () => Graph(3, 3, steps: 2),
        ["the convolution is dilated"] = () => Graph(3, 3, dilation: 2),
        ["the convolution is in groups"] = () => Graph(4, 3, groups: 4),
        ["the parts are put together along another axis"] = () => Graph(4, 3, axis: 2, inputChannels: 16),
        ["parts end before the picture does"] = () => Graph(3, 3, end: 8),
        ["parts take every third row"] = () => Graph(3, 3, step: 3),
        ["the parts are read twice"] = () => Graph(3, 3).Node("Abs", ["parts"], "other").Output("other", OnnxWriter.Element.Float, "n", 12, "h2", "w2"),
        ["the parts are an output"] = () => Graph(3, 3).Output("parts", OnnxWriter.Element.Float, "n", 12, "h2", "w2"),
        ["weights are an input"] = () => Graph(3, 3).Input("weight", OnnxWriter.Element.Float, Filters, 12, 3, 3),
    };

    public static TheoryData<string> Others => [.. s_others.Keys];

    [Theory]
    [MemberData(nameof(Others))]
    public void Other_graphs_are_left_alone(string graph)
    {
        var before = Save(s_others[graph]());

        Assert.False(FocusRewriting.TryRewrite(before, _folder.File("after.onnx")));
        Assert.False(File.Exists(_folder.File("after.onnx")));
    }

    [Fact]
    public void A_damaged_file_is_left_to_the_runtime()
    {
        File.WriteAllBytes(_folder.File("before.onnx"), [1, 2, 3, 4, 5, 6, 7, 8]);

        Assert.False(FocusRewriting.TryRewrite(_folder.File("before.onnx"), _folder.File("after.onnx")));
    }

    [Fact]
    public void Yolox_is_rewritten_and_detects_the_same()
    {
        var before = TestFiles.Shared("models/yolox-nano/model.onnx");
        var after = _folder.File("after.onnx");

        Assert.True(FocusRewriting.TryRewrite(before, after));

        // Six are those of the focus; the head has others.
        Assert.Equal(OnnxFile.Describe(before).Operators["Slice"] - 6, OnnxFile.Describe(after).Operators.GetValueOrDefault("Slice"));
        AssertSame(before, after, [1, 3, 416, 416], input: "images", scale: 255);
    }

    /// <summary>The focus of an image, a convolution and a ReLU.</summary>
    private static OnnxWriter Graph(
        int channels, int kernel, int[]? order = null, long[]? pads = null, int steps = 1, int dilation = 1, int groups = 1, int axis = 1, long end = long.MaxValue, int step = 2, int inputChannels = 0)
    {
        var random = new Random(7);
        var of = inputChannels > 0 ? inputChannels / 4 : channels;
        long[] shape = [groups > 1 ? groups : Filters, 4 * of / groups, kernel, kernel];
        var weights = Enumerable.Range(0, (int)shape.Aggregate((product, side) => product * side)).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var pad = kernel / 2;
        var graph = new OnnxWriter().Metadata("note", "kept").Input("images", OnnxWriter.Element.Float, "n", inputChannels > 0 ? inputChannels : channels, "h", "w")
            .Floats("weight", shape, weights).Floats("bias", [shape[0]], [.. Enumerable.Range(0, (int)shape[0]).Select(i => i / 10f)])
            .Longs("zero", [1], 0).Longs("one", [1], 1).Longs("end", [1], end).Longs("rows", [1], 2).Longs("columns", [1], -1).Longs("step", [1], step);
        // In YOLOX's order: rows first.
        (string Row, string Column)[] begins = [("zero", "zero"), ("one", "zero"), ("zero", "one"), ("one", "one")];
        foreach (var (place, part) in (order ?? [0, 1, 2, 3]).Select((place, part) => (place, part)))
        {
            graph.Node("Slice", ["images", begins[place].Row, "end", "rows", "step"], $"rows{part}")
                .Node("Slice", [$"rows{part}", begins[place].Column, "end", "columns", "step"], $"part{part}");
        }

        return graph.Node("Concat", ["part0", "part1", "part2", "part3"], "parts", ("axis", axis))
            .Node("Conv", ["parts", "weight", "bias"], "sums", ("kernel_shape", new long[] { kernel, kernel }), ("strides", new long[] { steps, steps }),
                ("dilations", new long[] { dilation, dilation }), ("group", groups), ("pads", pads ?? [pad, pad, pad, pad]))
            .Node("Relu", ["sums"], "out").Output("out", OnnxWriter.Element.Float, "n", shape[0], "ho", "wo");
    }

    private string Save(OnnxWriter graph)
    {
        var path = _folder.File("before.onnx");
        graph.Save(path);
        return path;
    }

    private static void AssertSame(string before, string after, long[] shape, string input = "images", float scale = 1)
    {
        OnnxEnvironment.EnsureReady();
        var random = new Random(3);
        var pixels = Enumerable.Range(0, (int)shape.Aggregate((product, side) => product * side)).Select(_ => random.NextSingle() * scale).ToArray();
        var (expected, actual) = (Run(before), Run(after));

        Assert.Equal(expected.Count, actual.Count);
        foreach (var (first, second) in expected.Zip(actual))
        {
            Assert.Equal(first.Length, second.Length);
            Assert.Contains(first, value => value != 0);
            for (var i = 0; i < first.Length; i++)
                Assert.Equal(first[i], second[i], 1e-4 * Math.Max(1, Math.Abs(first[i])));
        }

        List<float[]> Run(string path)
        {
            using var settings = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            using var session = new InferenceSession(path, settings);
            using var value = OrtValue.CreateTensorValueFromMemory(pixels, shape);
            using var options = new RunOptions();
            using var outputs = session.Run(options, [input], [value], session.OutputNames);
            return [.. outputs.Select(output => output.GetTensorDataAsSpan<float>().ToArray())];
        }
    }
}
