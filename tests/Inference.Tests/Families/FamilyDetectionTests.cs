using Serve.Eval;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Tests.Models;
using Serve.Inference.Tests.Pictures;

namespace Serve.Inference.Tests.Families;

/// <summary>Graphs with the interface of families that no real file is at hand of, served without a passport: recognised, fed, read.</summary>
public sealed class FamilyDetectionTests : IDisposable
{
    private const OnnxWriter.Element Float = OnnxWriter.Element.Float;
    private const OnnxWriter.Element Int64 = OnnxWriter.Element.Int64;
    private readonly string _folder = Directory.CreateTempSubdirectory("serve-families-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("encoder.pan_blocks.0.weight", 20, 10, 60, 80)]
    [InlineData("decoder.lqe_layers.0.weight", 20, -30, 60, 110)]
    public async Task Rt_detr_is_stretched_and_d_fine_letterboxed(string weight, double x1, double y1, double x2, double y2)
    {
        // Corners as fractions of what orig_target_sizes says.
        var graph = new LinearGraph("images", Float, "N", 3, 64, 64)
            .Output("labels", Int64, ["N", 2], [1, 0])
            .Output("scores", Float, ["N", 2], [0.2f, 0.01f], [1, 0]);
        graph.Graph.Input("orig_target_sizes", Int64, "N", 2).Output("boxes", Float, "N", 2, 4)
            .Floats("fractions", [1, 2, 4], 0.1f, 0.1f, 0.3f, 0.8f, 0, 0, 1, 1).Longs("rows", [3], -1, 1, 4).Floats(weight, [1], 0)
            .Node("Cast", ["orig_target_sizes"], "sides", ("to", 1)).Node("Concat", ["sides", "sides"], "corners", ("axis", 1))
            .Node("Reshape", ["corners", "rows"], "spread").Node("Mul", ["fractions", "spread"], "boxes");

        var found = Assert.Single(await Detect(graph, Grey(200, 100, 204), "cat dog"));

        Assert.Equal("dog", found.Category.Name);
        // A letterbox fills half of the input with black, so that its mean is half as large.
        Assert.Equal(y1 < 0 ? 0.6 : 1.0, found.Score, 0.02);
        AssertBox(found, x1, Math.Max(0, y1), x2, Math.Min(100, y2));
    }

    [Fact]
    public async Task Detr_with_a_softmax_leaves_out_no_object()
    {
        // Two of three queries find nothing, which is how the family is told. The mask of pixels that count is filled with ones.
        var graph = new LinearGraph("inputs", Float, "batch", 3, 64, 64)
            .Output("pred_logits", Float, ["batch", 3, 3], [1, 4, 0, -1, 0, 5, 0, 0, 6]);
        graph.Graph.Input("pixel_mask", Int64, "batch", 8, 8).Output("pred_boxes", Float, "batch", 3, 4)
            .Floats("boxes", [1, 3, 4], 0.5f, 0.25f, 0.5f, 0.25f, 0, 0, 1, 1, 0, 0, 1, 1).Longs("per picture", [3], -1, 1, 1)
            .Node("Cast", ["pixel_mask"], "counting", ("to", 1)).Node("ReduceMean", ["counting"], "share", ("axes", new long[] { 1, 2 }), ("keepdims", 0))
            .Node("Reshape", ["share", "per picture"], "shares").Node("Mul", ["boxes", "shares"], "pred_boxes");

        var found = Assert.Single(await Detect(graph, Grey(200, 100, 128), "cat dog"));

        Assert.Equal("dog", found.Category.Name);
        Assert.Equal(Math.Exp(4) / (Math.E + Math.Exp(4) + 1), found.Score, 1e-5);
        AssertBox(found, 50, 12.5, 150, 37.5);
    }

    [Fact]
    public async Task Detr_with_sigmoids_gives_several_categories_of_a_query()
    {
        var graph = new LinearGraph("images", Float, "batch", 3, 64, 64)
            .Output("pred_logits", Float, ["batch", 2, 3], [2, 1, -9, -9, -9, -9.5f])
            .Output("pred_boxes", Float, ["batch", 2, 4], [0.5f, 0.5f, 1, 1, 0.5f, 0.5f, 1, 1]);

        var found = await Detect(graph, Grey(64, 64, 128), "cat dog cow");

        Assert.Equal(["cat", "dog"], found.Select(detection => detection.Category.Name));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Ultralytics_rt_detr_has_boxes_and_scores_in_one_output(int categories)
    {
        // With two categories the shape is that of rows of corners, score and label.
        var graph = new LinearGraph("images", Float, "batch", 3, 64, 64)
            .Output("output0", Float, ["batch", 2, 4 + categories], [0.5f, 0.25f, 0.5f, 0.25f, 0.1f, 0.9f, .. new float[categories - 2], .. new float[4 + categories]]);
        graph.Graph.Floats("model.28.dec_score_head.5.bias", [categories], new float[categories]).Metadata("author", "Ultralytics").Metadata("task", "detect");

        var found = Assert.Single(await Detect(graph, Grey(200, 100, 128), string.Join(' ', "cat dog cow".Split(' ').Take(categories))));

        Assert.Equal(("dog", 0.9f), (found.Category.Name, found.Score));
        AssertBox(found, 50, 12.5, 150, 37.5);
    }

    [Fact]
    public async Task Torchvision_answers_for_the_picture_as_it_is_with_masks()
    {
        var mask = new float[1 * 1 * 6 * 8];
        (mask[2 * 8 + 3], mask[2 * 8 + 4]) = (0.9f, 0.4f);
        var graph = new LinearGraph("images", Float, 3, "height", "width")
            .Output("boxes", Float, [1, 4], [2, 1, 7, 5]).Output("labels", Int64, [1], [2]).Output("scores", Float, [1], [0.2f], [1])
            .Output("masks", Float, [1, 1, 6, 8], mask);
        graph.Graph.Floats("roi_heads.box_predictor.cls_score.bias", [3], 0, 0, 0);

        var found = Assert.Single(await Detect(graph, Grey(8, 6, 204), "cat dog"));

        Assert.Equal("dog", found.Category.Name);
        Assert.Equal(1.0, found.Score, 1e-5);
        AssertBox(found, 2, 1, 7, 5);
        Assert.Equal(1, found.Mask!.Area);
    }

    [Fact]
    public async Task Torchvisions_keypoints_have_their_scores_in_another_output()
    {
        var graph = new LinearGraph("images", Float, 3, "height", "width")
            .Output("boxes", Float, [1, 4], [2, 1, 7, 5]).Output("labels", Int64, [1], [1]).Output("scores", Float, [1], [0.9f])
            .Output("keypoints", Float, [1, 2, 3], [3, 2, 1, 6, 4, 1]).Output("keypoints_scores", Float, [1, 2], [0, -1000]);

        var found = Assert.Single(await Detect(graph, Grey(8, 6, 204), null));

        Assert.Equal([new Keypoint(3, 2, 0.5f), new Keypoint(6, 4, 0)], found.Keypoints!);
    }

    [Fact]
    public async Task Detectrons_keypoints_have_their_scores_beside_them()
    {
        var graph = new LinearGraph("image", Float, 3, "height", "width")
            .Output("pred_boxes", Float, [1, 4], [80, 160, 400, 800]).Output("pred_classes", Int64, [1], [0]).Output("scores", Float, [1], [0.9f])
            .Output("pred_keypoints", Float, [1, 2, 3], [160, 240, 0.75f, 400, 800, 0.25f]).Output("image_size", Int64, [2], [800, 800]);

        var found = Assert.Single(await Detect(graph, Grey(100, 100, 204), null));

        Assert.Equal([new Keypoint(20, 30, 0.75f), new Keypoint(50, 100, 0.25f)], found.Keypoints!);
    }

    [Fact]
    public async Task Labels_of_a_torchvision_model_of_unknown_size_are_ids()
    {
        var graph = new LinearGraph("images", Float, 3, "height", "width")
            .Output("boxes", Float, [1, 4], [2, 1, 7, 5]).Output("labels", Int64, [1], [18]).Output("scores", Float, [1], [0.9f]);

        var found = Assert.Single(await Detect(graph, Grey(8, 6, 204), null));

        Assert.Equal(("dog", 18), (found.Category.Name, found.Category.Id));
    }

    [Fact]
    public async Task Detectron_scales_to_the_shorter_side_and_labels_from_zero()
    {
        var graph = new LinearGraph("image", Float, 3, "height", "width")
            .Output("pred_boxes", Float, [1, 4], [80, 160, 400, 800]).Output("pred_classes", Int64, [1], [1]).Output("scores", Float, [1], [0], [1 / 255f])
            .Output("image_size", Int64, [2], [800, 800]);
        graph.Graph.Floats("roi_heads.box_predictor.cls_score.bias", [3], 0, 0, 0);

        var found = Assert.Single(await Detect(graph, Grey(100, 100, 204), "cat dog"));

        Assert.Equal("dog", found.Category.Name);
        Assert.Equal(0.8, found.Score, 1e-4);
        AssertBox(found, 10, 20, 50, 100);
    }

    [Fact]
    public async Task TensorFlow_takes_bytes_of_any_size_and_counts_rows()
    {
        var graph = new LinearGraph("input_tensor:0", OnnxWriter.Element.Uint8, "batch", "height", "width", 3)
            .Output("detection_boxes:0", Float, ["batch", 2, 4], [0.1f, 0.2f, 0.5f, 0.7f, 0, 0, 1, 1]).Output("detection_classes:0", Float, ["batch", 2], [2, 1])
            .Output("detection_scores:0", Float, ["batch", 2], [0, 0.9f], [1 / 255f, 0]).Output("num_detections:0", Float, ["batch"], [1]);

        var found = Assert.Single(await Detect(graph, Grey(50, 40, 204), "cat dog"));

        Assert.Equal("dog", found.Category.Name);
        Assert.Equal(0.8, found.Score, 1e-5);
        AssertBox(found, 10, 4, 35, 20);
    }

    [Fact]
    public async Task MmDeploys_rtmdet_is_letterboxed_at_the_top_left()
    {
        var graph = new LinearGraph("input", Float, "batch", 3, 64, 64)
            .Output("dets", Float, ["batch", 2, 5], [8, 4, 40, 24, 0.9f, 0, 0, 0, 0, 0]).Output("labels", Int64, ["batch", 2], [1, 0]);
        graph.Graph.Floats("bbox_head.rtm_cls.0.weight", [2, 96, 1, 1], new float[192]);

        var found = Assert.Single(await Detect(graph, Grey(128, 64, 204), "cat dog"));

        Assert.Equal("dog", found.Category.Name);
        AssertBox(found, 16, 8, 80, 48);
    }

    [Fact]
    public async Task Paddle_is_told_the_scale_and_answers_on_the_original()
    {
        // Corners in the input's pixels, divided by scale_factor (height first).
        var graph = new LinearGraph("image", Float, "b", 3, 64, 64).Output("multiclass_nms3_0.tmp_2", OnnxWriter.Element.Int32, ["b"], [1]);
        graph.Graph.Input("scale_factor", Float, "b", 2).Output("multiclass_nms3_0.tmp_0", Float, 1, 6)
            .Floats("input corners", [1, 4], 4, 8, 16, 32).Floats("label and score", [1, 2], 1, 0.9f).Longs("width first", [4], 1, 0, 1, 0)
            .Node("Gather", ["scale_factor", "width first"], "factors", ("axis", 1)).Node("Div", ["input corners", "factors"], "corners")
            .Node("Concat", ["label and score", "corners"], "multiclass_nms3_0.tmp_0", ("axis", 1));

        var found = Assert.Single(await Detect(graph, Grey(128, 256, 204), "cat dog"));

        Assert.Equal("dog", found.Category.Name);
        AssertBox(found, 8, 32, 32, 128);
    }

    [Fact]
    public async Task EfficientNms_counts_rows_and_is_letterboxed_in_the_centre()
    {
        var graph = new LinearGraph("images", Float, "batch", 3, 64, 64)
            .Output("num_dets", OnnxWriter.Element.Int32, ["batch", 1], [1]).Output("det_boxes", Float, ["batch", 2, 4], [8, 20, 40, 40, 0, 0, 64, 64])
            .Output("det_scores", Float, ["batch", 2], [0.9f, 0.8f]).Output("det_classes", OnnxWriter.Element.Int32, ["batch", 2], [1, 0]);

        var found = Assert.Single(await Detect(graph, Grey(128, 64, 204), "cat dog"));

        Assert.Equal("dog", found.Category.Name);
        AssertBox(found, 16, 8, 80, 48);
    }

    [Fact]
    public async Task The_model_zoos_yolov3_is_told_the_original_size_and_gives_selected_rows()
    {
        var graph = new LinearGraph("input_1", Float, 1, 3, "height", "width")
            .Output("scores", Float, [1, 2, 3], [0.9f, 0.9f, 0.9f, 0.9f, 0.9f, 0.8f]).Output("selected", OnnxWriter.Element.Int32, [1, 3], [0, 1, 2]);
        graph.Graph.Input("image_shape", Float, 1, 2).Output("boxes", Float, 1, 3, 4)
            .Floats("fractions", [1, 3, 4], 0, 0, 1, 1, 0, 0, 1, 1, 0.25f, 0.5f, 0.75f, 1)
            .Node("Concat", ["image_shape", "image_shape"], "sides", ("axis", 1)).Node("Mul", ["fractions", "sides"], "boxes");

        var found = Assert.Single(await Detect(graph, Grey(200, 100, 204), "cat dog"));

        Assert.Equal(("dog", 0.8f), (found.Category.Name, found.Score));
        AssertBox(found, 100, 25, 200, 75);
    }

    [Fact]
    public async Task Ssd_with_decoded_boxes_is_suppressed_by_category()
    {
        const int rows = 3000;
        var (scores, boxes) = (new float[rows * 3], new float[rows * 4]);
        for (var row = 0; row < rows; row++)
        {
            scores[row * 3] = 1;
            (boxes[row * 4 + 2], boxes[row * 4 + 3]) = (0.5f, 0.5f);
        }

        (scores[0], scores[1], scores[2]) = (0.1f, 0.8f, 0.1f);
        (scores[3], scores[4], scores[5]) = (0.3f, 0.7f, 0);
        (scores[6], scores[7], scores[8]) = (0.4f, 0, 0.6f);
        var graph = new LinearGraph("input_0", Float, 1, 3, 300, 300).Output("scores", Float, [1, rows, 3], scores).Output("boxes", Float, [1, rows, 4], boxes);

        var found = await Detect(graph, Grey(100, 200, 204), "BACKGROUND cat dog");

        Assert.Equal([("cat", 0.8f), ("dog", 0.6f)], found.Select(detection => (detection.Category.Name, detection.Score)));
        AssertBox(found[0], 0, 0, 50, 100);
    }

    [Fact]
    public async Task Ssd_with_deltas_is_read_against_its_anchors()
    {
        const int rows = 3000;
        var (scores, boxes) = (new float[rows * 2], new float[rows * 4]);
        for (var row = 0; row < rows; row++)
            (scores[row * 2], boxes[row * 4 + 2]) = (9, row % 2 == 0 ? 1 : -1);

        // Row 2, column 3 of the first map (stride 16), anchor 1: a square of sqrt(60 x 105) at (56, 40).
        var at = (2 * 19 + 3) * 6 + 1;
        (scores[at * 2], scores[at * 2 + 1], boxes[at * 4], boxes[at * 4 + 1], boxes[at * 4 + 2], boxes[at * 4 + 3]) = (0, 3, 1, -1, 2, 1);
        var graph = new LinearGraph("input", Float, 1, 3, 300, 300).Output("scores", Float, [1, rows, 2], scores).Output("boxes", Float, [1, rows, 4], boxes);

        var found = Assert.Single(await Detect(graph, Grey(300, 300, 204), "cat"));

        var side = Math.Sqrt(60 * 105);
        var (x, y, w, h) = (56 + 0.1 * side, 40 - 0.1 * side, side * Math.Exp(0.4), side * Math.Exp(0.2));
        AssertBox(found, x - w / 2, Math.Max(0, y - h / 2), x + w / 2, y + h / 2);
    }

    [Fact]
    public async Task A_picture_is_answered_alike_alone_and_among_others()
    {
        var graph = new LinearGraph("images", Float, "batch", 3, 64, 64)
            .Output("pred_logits", Float, ["batch", 2, 3], [0, 1, -9, -9, -9, -9.5f], [1, 1, 0, 0, 0, 0])
            .Output("pred_boxes", Float, ["batch", 2, 4], [0.5f, 0.5f, 1, 1, 0.5f, 0.5f, 1, 1], [-0.3f, 0, 0, -0.5f, 0, 0, 0, 0]);
        await using var model = DetectionModel.Load(Save(graph, "cat dog cow"), new DetectionModelOptions());
        var pictures = Enumerable.Range(0, 12).Select(i => Grey(64 + i, 64, (byte)(20 * i))).ToList();
        var alone = new List<IReadOnlyList<DetectedObject>>();
        foreach (var picture in pictures)
            alone.Add((await model.DetectAsync(picture, new DetectionOptions(0.1), TestContext.Current.CancellationToken)).Detections);

        var together = await Task.WhenAll(pictures.Select(picture => model.DetectAsync(picture, new DetectionOptions(0.1), TestContext.Current.CancellationToken)));

        Assert.Equal(alone.SelectMany(found => found).Select(found => (found.Category.Name, found.Score, found.Box)),
            together.SelectMany(result => result.Detections).Select(found => (found.Category.Name, found.Score, found.Box)));
    }

    private static Serve.Inference.Pictures.Picture Grey(int width, int height, byte level) => TestPictures.Plain(width, height, level, level, level);

    private static void AssertBox(DetectedObject found, double x1, double y1, double x2, double y2)
    {
        Box expected = new(x1, y1, x2, y2);
        Assert.True(
            Math.Abs(found.Box.X1 - x1) + Math.Abs(found.Box.Y1 - y1) + Math.Abs(found.Box.X2 - x2) + Math.Abs(found.Box.Y2 - y2) < 1e-2, $"expected {expected}, got {found.Box}");
    }

    private string Save(LinearGraph graph, string? labels)
    {
        var path = graph.Save(_folder);
        if (labels is not null)
            File.WriteAllLines(Path.Combine(_folder, "labels.txt"), labels.Split(' '));
        return path;
    }

    private async Task<IReadOnlyList<DetectedObject>> Detect(LinearGraph graph, Serve.Inference.Pictures.Picture picture, string? labels)
    {
        await using var model = DetectionModel.Load(Save(graph, labels), new DetectionModelOptions());
        return (await model.DetectAsync(picture, new DetectionOptions(), TestContext.Current.CancellationToken)).Detections;
    }
}
