using Serve.Inference.Detection;
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
