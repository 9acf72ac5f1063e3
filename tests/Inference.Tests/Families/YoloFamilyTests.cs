using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Tests.Models;

namespace Serve.Inference.Tests.Families;

/// <summary>
/// The YOLO line as its exporters write it, from a file without a passport to boxes in the picture. The picture is 128 x 64 pixels and the input 64 x 64: a letterbox
/// in the centre puts it, half as large, 16 pixels below the edge.
/// </summary>
public sealed class YoloFamilyTests : IDisposable
{
    private const OnnxWriter.Element Float = OnnxWriter.Element.Float;
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Yolov5_multiplies_objectness_and_category()
    {
        var rows = Dense(252, 7, (17, [32, 32, 16, 8, 0.8f, 0.1f, 0.9f]), (18, [32, 32, 16, 8, 0.7f, 0.1f, 0.9f]), (90, [8, 32, 4, 4, 0.2f, 0.9f, 0]));

        var found = Only("yolov5", Images().Output("output0", Float, ["batch", 252, 7], rows));

        Is(found, "dog", 0.72, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolov5_of_older_exports_has_its_raw_heads_beside_the_rows()
    {
        var rows = Dense(252, 7, (17, [32, 32, 16, 8, 0.8f, 0.1f, 0.9f]));
        var graph = Images().Output("output", Float, ["batch", 252, 7], rows);
        foreach (var side in (int[])[8, 4, 2])
            graph.Output($"head{side}", Float, ["batch", 3, side, side, 7], new float[3 * side * side * 7]);

        Is(Only("yolov5", graph), "dog", 0.72, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolov7_with_one_category_goes_by_its_objectness()
    {
        var graph = Images().Output("output", Float, ["batch", 252, 6], Dense(252, 6, (17, [32, 32, 16, 8, 0.8f, 0.5f])));
        graph.Graph.Floats("model.105.m.0.weight", [1], 0);

        Is(Only("yolov5", graph, "cat"), "cat", 0.8, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolov5_segmentation_has_coefficients_behind_the_categories()
    {
        // One prototype that is positive in its left half.
        float[] prototype = [.. Enumerable.Range(0, 256).Select(pixel => pixel % 16 < 8 ? 1f : -1)];
        var graph = Images()
            .Output("output0", Float, ["batch", 252, 8], Dense(252, 8, (17, [32, 32, 32, 16, 0.8f, 0.1f, 0.9f, 2])))
            .Output("output1", Float, ["batch", 1, 16, 16], prototype);

        var found = Only("yolov5", graph);

        Is(found, "dog", 0.72, 32, 16, 96, 48);
        Assert.Equal(32 * 32, found.Mask!.Area, 64.0);
        Assert.Equal((32, 16, 32, 32), found.Mask.EnclosingBox());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Yolov5_heads_are_decoded_with_its_anchors(bool isSplit)
    {
        // Zeros are the middle of the cell and the anchor itself: at stride 8 the second anchor is 16 x 30.
        var graph = Images();
        foreach (var side in (int[])[2, 8, 4])
        {
            var values = Enumerable.Repeat(-9f, 3 * side * side * 7).ToArray();
            for (var channel = 0; side == 8 && channel < 7; channel++)
            {
                var (anchor, row, column) = (1, 3, 4);
                values[isSplit ? ((anchor * side + row) * side + column) * 7 + channel : ((anchor * 7 + channel) * side + row) * side + column]
                    = channel switch { < 4 => 0, 5 => -9, _ => 9 };
            }

            graph.Output($"out{side}", Float, isSplit ? ["batch", 3, side, side, 7] : ["batch", 21, side, side], values);
        }

        Is(Only("yolov5-heads", graph), "dog", 1, 56, 0, 88, 54);
    }

    [Theory]
    [InlineData(2, null, true)]
    [InlineData(17, "model.22.cv3.0.2.weight", false)]
    [InlineData(35, null, false)]
    public void Yolov8_heads_are_distributions_and_categories(int categories, string? weight, bool isNamed)
    {
        // Cell (2, 1) of stride 16: its place is (40, 24); distances of 1, 0, 1 and 2 strides.
        var graph = Images();
        foreach (var side in (int[])[4, 8, 2])
        {
            var cells = side * side;
            var values = Enumerable.Range(0, (64 + categories) * cells).Select(index => index < 64 * cells ? 3 : -9f).ToArray();
            foreach (var (edge, bin) in side == 4 ? ((int, int)[])[(0, 1), (1, 0), (2, 1), (3, 2)] : [])
                values[(edge * 16 + bin) * cells + 6] = 60;
            if (side == 4)
                values[65 * cells + 6] = 2;
            graph.Output($"out{side}", Float, ["batch", 64 + categories, side, side], values);
        }

        if (weight is not null)
            graph.Graph.Floats(weight, [1], 0);
        if (isNamed)
            graph.Graph.Metadata("names", "['cat', 'dog']");

        var found = Only("yolov8-heads", graph, string.Join(' ', Enumerable.Range(0, categories).Select(index => $"n{index}")));

        Is(found, isNamed ? "dog" : "n1", 0.881, 48, 16, 112, 64);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Yolov8_heads_may_have_boxes_and_scores_apart(bool hasSums)
    {
        var graph = Images();
        foreach (var side in (int[])[8, 4, 2])
        {
            var cells = side * side;
            var boxes = Enumerable.Repeat(3f, 64 * cells).ToArray();
            for (var edge = 0; edge < 4; edge++)
                boxes[(edge * 16 + 1) * cells] = 60;
            graph.Output($"box{side}", Float, ["batch", 64, side, side], boxes);
            graph.Output($"score{side}", Float, ["batch", 2, side, side], [.. Enumerable.Range(0, 2 * cells).Select(index => side == 4 && index == cells ? 0.9f : 0)]);
            if (hasSums)
                graph.Output($"sum{side}", Float, ["batch", 1, side, side], new float[cells]);
        }

        // Cell (0, 0) of stride 16: from (-8, -8), cut at the input's edge, to (24, 24).
        Is(Only("yolov8-heads", graph), "dog", 0.9, 0, 0, 48, 16);
    }

    [Fact]
    public void Maps_that_may_be_heads_of_two_kinds_are_refused()
    {
        var graph = Images();
        foreach (var side in (int[])[8, 4, 2])
            graph.Output($"out{side}", Float, ["batch", 66, side, side], Enumerable.Repeat(-9f, 66 * side * side).ToArray());

        var refused = Assert.Throws<Serve.Eval.InvalidInputException>(() => Only("yolov8-heads", graph, null));

        Assert.Contains("the graph fits 2 families equally: yolov8-heads (", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Heads_of_darknet_are_not_taken_for_yolov5s()
    {
        var graph = Images();
        foreach (var side in (int[])[2, 4, 8])
            graph.Output($"{side}_convolutional", Float, ["batch", 21, side, side], new float[21 * side * side]);

        var refused = Assert.Throws<Serve.Eval.InvalidInputException>(() => Only("yolov5-heads", graph, null));

        Assert.Contains("Nearest: yolov5-heads: layers are named as Darknet's are", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_explanation_of_a_tensor_of_bytes_does_not_speak_of_fractions()
    {
        var recognition = new YoloEndToEnd().Recognise(TestGraph.Of("images u8 1 3 640 640", "output0 f32 1 300 6"), TestGraph.NoProbe)!;

        Assert.Contains("assumed: letterbox in the centre on grey 114, bilinear, RGB, bytes as they are", recognition.Reasons);
        Assert.Equal(1, recognition.Input.Scale);
    }

    [Fact]
    public void Many_categories_of_yolov5_are_no_distributions()
    {
        // Three anchors of 5 + 47: behind 64 channels lie boxes, which are as often above zero as below.
        var graph = Images();
        foreach (var side in (int[])[8, 4, 2])
        {
            var cells = side * side;
            graph.Output($"out{side}", Float, ["batch", 156, side, side], [.. Enumerable.Range(0, 156 * cells).Select(index => index / cells % 52 < 4 ? (index % 2 == 0 ? 1f : -1) : -9)]);
        }

        Assert.Empty(Detect("yolov5-heads", graph, null));
    }

    [Theory]
    [InlineData("model.105.m.0.weight", 52, 24, 92, 56)]
    [InlineData("model.24.m.0.weight", 56, 0, 88, 54)]
    public void The_layer_of_the_heads_tells_whose_anchors_they_are(string weight, double x1, double y1, double x2, double y2)
    {
        var graph = Images();
        foreach (var side in (int[])[8, 4, 2])
        {
            var values = Enumerable.Repeat(-9f, 3 * side * side * 7).ToArray();
            var anchor = weight.Contains("105", StringComparison.Ordinal) ? 0 : 1;
            if (side == 8)
                ((ReadOnlySpan<float>)[0, 0, 0, 0, 9, -9, 9]).CopyTo(values.AsSpan(((anchor * side + 3) * side + 4) * 7));
            graph.Output($"out{side}", Float, ["batch", 3, side, side, 7], values);
        }

        graph.Graph.Floats(weight, [1], 0);

        var found = Only("yolov5-heads", graph);

        if (weight.Contains("105", StringComparison.Ordinal))
            Is(found, "dog", 1, 60, 8, 84, 40);
        else
            Is(found, "dog", 1, x1, y1, x2, y2);
    }

    [Fact]
    public void Yolov6_has_an_objectness_that_is_always_one()
    {
        var rows = Places(7, [1, 0, 0], (21, [32, 32, 16, 8, 1, 0.1f, 0.9f]));

        Is(Only("yolov6", Images().Output("outputs", Float, ["batch", 84, 7], rows)), "dog", 0.9, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolov8_has_its_channels_first()
    {
        var columns = Turned(Dense(84, 6, (21, [32, 32, 16, 8, 0.1f, 0.9f])), 84, 6);

        Is(Only("yolov8", Images().Output("output0", Float, ["batch", 6, 84], columns)), "dog", 0.9, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolov8_turned_is_told_by_its_lack_of_an_objectness()
    {
        var rows = Places(7, [0.001f, 0.001f, 0.001f], (21, [32, 32, 16, 8, 0, 0.1f, 0.9f]));

        Is(Only("yolov8", Images().Output("output", Float, ["batch", 84, 7], rows), "cat dog cow"), "cow", 0.9, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolov9_with_its_auxiliary_head_is_read_from_the_main_one()
    {
        var main = Turned(Dense(84, 6, (21, [32, 32, 16, 8, 0.1f, 0.9f])), 84, 6);
        var graph = Images().Output("output0", Float, ["batch", 6, 84], new float[84 * 6]).Output("output1", Float, ["batch", 6, 84], main);

        Is(Only("yolov8", graph), "dog", 0.9, 48, 24, 80, 40);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Yolov8_pose_gives_keypoints_in_the_picture(bool hasMetadata)
    {
        var columns = Turned(Dense(84, 11, (21, [32, 32, 16, 8, 0.9f, 30, 28, 0.5f, 34, 36, 0.25f])), 84, 11);
        var graph = Images().Output("output0", Float, ["batch", 11, 84], columns);
        if (hasMetadata)
            graph.Graph.Metadata("author", "Ultralytics").Metadata("task", "pose").Metadata("kpt_shape", "[2, 3]").Metadata("names", "{0: 'person'}");

        var found = Only("yolov8", graph, hasMetadata ? null : "person");

        Is(found, "person", 0.9, 48, 24, 80, 40);
        Assert.Equal([new Keypoint(60, 24, 0.5f), new Keypoint(68, 40, 0.25f)], found.Keypoints!);
    }

    [Fact]
    public void Rows_with_nothing_left_to_suppress_are_taken_as_they_are()
    {
        // Two that overlap: both stay.
        var graph = Images().Output("output0", Float, ["batch", 3, 6], [24, 28, 40, 36, 0.9f, 1, 24, 28, 41, 36, 0.8f, 1, 0, 0, 0, 0, 0, 0]);

        var found = Detect("yolo-end-to-end", graph);

        Assert.Equal(2, found.Count);
        Is(found[0], "dog", 0.9, 48, 24, 80, 40);
    }

    [Fact]
    public void Rows_with_coefficients_have_masks()
    {
        float[] prototype = [.. Enumerable.Range(0, 256).Select(pixel => pixel % 16 < 8 ? 1f : -1)];
        var graph = Images()
            .Output("output0", Float, ["batch", 2, 7], [16, 24, 48, 40, 0.9f, 1, 2, 0, 0, 0, 0, 0, 0, 0])
            .Output("output1", Float, ["batch", 1, 16, 16], prototype);

        var found = Only("yolo-end-to-end", graph);

        Is(found, "dog", 0.9, 32, 16, 96, 48);
        Assert.Equal((32, 16, 32, 32), found.Mask!.EnclosingBox());
    }

    [Fact]
    public void Yolov7_with_suppression_lists_the_rows_of_all_pictures()
    {
        var graph = Images().Output("output", Float, ["rows", 7], [0, 24, 28, 40, 36, 1, 0.9f]);

        Is(Only("yolov7-end-to-end", graph), "dog", 0.9, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolov4_has_fractions_of_the_input()
    {
        var graph = Images()
            .Output("boxes", Float, ["batch", 252, 1, 4], Dense(252, 4, (5, [0.25f, 0.5f, 0.75f, 0.75f])))
            .Output("confs", Float, ["batch", 252, 2], Dense(252, 2, (5, [0.1f, 0.9f])));

        // Stretched: no letterbox.
        Is(Only("yolov4", graph), "dog", 0.9, 32, 32, 96, 48);
    }

    private static LinearGraph Images() => new("images", Float, "batch", 3, 64, 64);

    private List<DetectedObject> Detect(string family, LinearGraph graph, string? names = "cat dog") => SmallModel.Detect(_folder, family, graph, names);

    private DetectedObject Only(string family, LinearGraph graph, string? names = "cat dog") => Assert.Single(Detect(family, graph, names));

    private static void Is(DetectedObject found, string category, double score, double x1, double y1, double x2, double y2)
        => SmallModel.Is(found, category, score, x1, y1, x2, y2);

    private static float[] Dense(int rows, int channels, params (int Row, float[] Values)[] set) => SmallModel.Dense(rows, channels, set);

    private static float[] Places(int channels, float[] rest, params (int Row, float[] Values)[] set) => SmallModel.Places(channels, rest, set);

    private static float[] Turned(float[] rows, int count, int channels) => SmallModel.Turned(rows, count, channels);
}
