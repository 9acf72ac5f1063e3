using Serve.Inference.Tests.Models;
using static Serve.Inference.Tests.Families.SmallModel;

namespace Serve.Inference.Tests.Families;

/// <summary>
/// A small graph of every family, and of the forms of a family that differ in how they hold the pictures of a batch. All detect a thing whose score follows a
/// picture's brightness, and take batches where the family does.
/// </summary>
internal static class FamilyGraphs
{
    private const OnnxWriter.Element Float = OnnxWriter.Element.Float;
    private const OnnxWriter.Element Int32 = OnnxWriter.Element.Int32;
    private const OnnxWriter.Element Int64 = OnnxWriter.Element.Int64;

    /// <summary>Where it stands in the values of an output, brightness is added.</summary>
    private const float Score = 0.3125f;

    // Little, as graphs are told apart by a run on noise that is brighter than any picture.
    private const float Slope = 0.5f / 255;

    /// <summary>Family and form; what is written into a folder; whether its pictures run together.</summary>
    public static IReadOnlyList<(string Family, string Form, Action<string> Write, bool RunsTogether)> All { get; } =
    [
        ("yolov8", "", Of(() => Images().Add("output0", Float, ["batch", 6, 84], Turned(Dense(84, 6, (21, [32, 32, 16, 8, 0.1f, Score])), 84, 6))), true),
        ("yolov8", "with masks", Of(() => Images()
            .Add("output0", Float, ["batch", 7, 84], Turned(Dense(84, 7, (21, [32, 32, 16, 8, 0.1f, Score, 2])), 84, 7))
            .Add("output1", Float, ["batch", 1, 16, 16], [.. Enumerable.Range(0, 256).Select(pixel => pixel % 16 < 8 ? Score : -1)])), true),
        ("yolov8-heads", "", Of(YoloV8Heads), true),
        ("yolo-end-to-end", "", Of(() => Images().Add("output0", Float, ["batch", 3, 6], Dense(3, 6, (0, [24, 28, 40, 36, Score, 1])))), true),
        ("yolov5", "", Of(() => Images().Add("output0", Float, ["batch", 252, 7], Dense(252, 7, (17, [32, 32, 16, 8, Score, 0.1f, 0.9f])))), true),
        ("yolov5-heads", "", Of(YoloV5Heads), true),
        ("yolov7-end-to-end", "", Of(() => Listed("output", 24, 28, 40, 36, 1, Score)), true),
        ("yolov6", "", Of(() => Images().Add("outputs", Float, ["batch", 84, 7], Places(7, [1, 0, 0], (21, [32, 32, 16, 8, 1, 0.1f, Score])))), true),
        ("yolox", "", Of(() => Images().Add("output", Float, ["batch", 84, 7], Places(7, [0.001f, 0.5f, 0.5f], (70, [40, 20, 16, 8, 0.8f, 0.1f, Score])))), true),
        ("yolov4", "", Of(() => Images()
            .Add("boxes", Float, ["batch", 252, 1, 4], Dense(252, 4, (5, [0.25f, 0.5f, 0.75f, 0.75f])))
            .Add("confs", Float, ["batch", 252, 2], Dense(252, 2, (5, [0.1f, Score])))), true),
        ("yolo-nas", "raw", Of(() => Images()
            .Add("boxes", Float, ["batch", 84, 4], Dense(84, 4, (9, [24, 28, 40, 36]))).Add("scores", Float, ["batch", 84, 2], Dense(84, 2, (9, [0.1f, Score])))), true),
        ("yolo-nas", "in a list", Of(() => Listed("graph2_flat_predictions", 24, 28, 40, 36, Score, 1)), true),
        ("yolo-nas", "counted", Of(() => Images()
            .Add("num_predictions", Int64, ["batch", 1], [1]).Add("pred_boxes", Float, ["batch", 2, 4], [24, 28, 40, 36, 0, 0, 9, 9])
            .Add("pred_scores", Float, ["batch", 2], [Score, 0.9f]).Add("pred_classes", Int64, ["batch", 2], [1, 0])), true),
        ("damo-yolo", "", Of(() => Images()
            .Add("output", Float, ["batch", 84, 2], Dense(84, 2, (9, [0.1f, Score]))).Add("952", Float, ["batch", 84, 4], Dense(84, 4, (9, [24, 28, 40, 36])))), true),
        ("pp-yoloe", "", Of(PpYoloE), true),
        ("picodet", "", Of(PicoDet), true),
        ("nanodet", "", Of(NanoDet), true),
        ("detr", "sigmoids", Of(() => Images()
            .Add("pred_logits", Float, ["batch", 2, 3], [-2, Score, -9, -9, -9, -9.5f]).Add("pred_boxes", Float, ["batch", 2, 4], [0.5f, 0.5f, 0.5f, 0.25f, 0, 0, 1, 1])), true),
        ("detr", "a softmax, with a mask of pixels", Of(MaskedDetr), true),
        ("rt-detr", "", Of(RtDetr), true),
        ("rt-detr-rows", "", Of(() => Images().Add("output0", Float, ["batch", 3, 6], Dense(3, 6, (1, [0.5f, 0.5f, 0.25f, 0.25f, 0.1f, Score])))
            .With(graph => graph.Metadata("description", "Ultralytics rtdetr-l model"))), true),
        ("torchvision", "", Of(() => new LinearGraph("images", Float, 3, "height", "width")
            .Add("boxes", Float, [1, 4], [2, 1, 7, 5]).Add("labels", Int64, [1], [18]).Add("scores", Float, [1], [Score])), false),
        ("detectron", "", Of(() => new LinearGraph("image", Float, 3, "height", "width")
            .Add("pred_boxes", Float, [1, 4], [80, 160, 400, 800]).Add("pred_classes", Int64, [1], [1]).Add("scores", Float, [1], [Score])
            .Add("image_size", Int64, [2], [800, 800])), false),
        ("ssd", "", Of(() => new LinearGraph("input", Float, "batch", 3, 300, 300)
            .Add("scores", Float, ["batch", 3000, 2], [.. Enumerable.Range(0, 3000).SelectMany(row => row == 99 ? (float[])[0, Score] : [9, 0])])
            .Add("boxes", Float, ["batch", 3000, 4], [.. Enumerable.Range(0, 12_000).Select(i => i % 4 == 2 ? (i % 8 == 2 ? 1f : -1) : 0)])), true),
        ("ultraface", "", Of(() => Images()
            .Add("scores", Float, ["batch", 235, 2], Dense(235, 2, (9, [0.5f, Score]))).Add("boxes", Float, ["batch", 235, 4], Dense(235, 4, (9, [0.25f, 0.25f, 0.5f, 0.75f])))), true),
        ("retinaface", "", Of(() => Images()
            .Add("loc", Float, ["batch", 168, 4], new float[168 * 4])
            .Add("conf", Float, ["batch", 168, 2], [.. Enumerable.Range(0, 168).SelectMany(row => row == 9 ? (float[])[0, Score] : [9, 0])])
            .Add("landms", Float, ["batch", 168, 10], Dense(168, 10, (9, [Score, 1, 2, 3])))), true),
        ("mmdeploy", "", Of(() => Images().Add("dets", Float, ["batch", 2, 5], Dense(2, 5, (0, [8, 4, 40, 24, Score]))).Add("labels", Int64, ["batch", 2], [1, 0])), true),
        ("paddle", "", Of(Paddle), false),
        ("tensorflow", "", Of(() => new LinearGraph("input_tensor", OnnxWriter.Element.Uint8, "batch", 64, 64, 3)
            .Add("detection_boxes", Float, ["batch", 2, 4], [0.1f, 0.2f, 0.5f, 0.7f, 0, 0, 1, 1]).Add("detection_classes", Float, ["batch", 2], [2, 1])
            .Add("detection_scores", Float, ["batch", 2], [Score, 0.9f]).Add("num_detections", Float, ["batch"], [1])), true),
        ("efficient-nms", "", Of(() => Images()
            .Add("num_dets", Int32, ["batch", 1], [1]).Add("det_boxes", Float, ["batch", 2, 4], [8, 20, 40, 40, 0, 0, 64, 64])
            .Add("det_scores", Float, ["batch", 2], [Score, 0.9f]).Add("det_classes", Int32, ["batch", 2], [1, 0])), true),
        ("model-zoo-yolov3", "", Of(ModelZooYoloV3), false),
        ("end-to-end", "", folder => TestModels.Write(folder), true),
    ];

    /// <summary>An output of which the value <see cref="Score"/> follows the brightness.</summary>
    private static LinearGraph Add(this LinearGraph graph, string name, OnnxWriter.Element type, object[] sides, float[] values)
        => graph.Output(name, type, sides, values, [.. values.Select(value => value == Score ? Slope : 0)]);

    private static LinearGraph With(this LinearGraph graph, Action<OnnxWriter> more)
    {
        more(graph.Graph);
        return graph;
    }

    private static Action<string> Of(Func<LinearGraph> graph) => folder => graph().Save(folder);

    private static LinearGraph Images(string name = "images") => new(name, Float, "batch", 3, 64, 64);

    private static LinearGraph YoloV8Heads()
    {
        var graph = Images();
        foreach (var side in (int[])[8, 4, 2])
        {
            var values = Enumerable.Range(0, 66 * side * side).Select(index => index < 64 * side * side ? 0 : -9f).ToArray();
            if (side == 4)
                values[65 * 16 + 5] = Score;
            graph.Add($"out{side}", Float, ["batch", 66, side, side], values);
        }

        graph.Graph.Metadata("names", "['cat', 'dog']");
        return graph;
    }

    private static LinearGraph YoloV5Heads()
    {
        var graph = Images();
        foreach (var side in (int[])[8, 4, 2])
        {
            var values = Enumerable.Repeat(-9f, 3 * side * side * 7).ToArray();
            if (side == 8)
                ((ReadOnlySpan<float>)[0, 0, 0, 0, Score, -9, 9]).CopyTo(values.AsSpan((3 * side + 4) * 7));
            graph.Add($"out{side}", Float, ["batch", 3, side, side, 7], values);
        }

        return graph;
    }

    /// <summary>A row for each picture, the picture's number in front.</summary>
    private static LinearGraph Listed(string name, params float[] row)
    {
        var graph = Images();
        graph.Graph.Output(name, Float, "rows", 7)
            .Longs("first axis", [], 0).Longs("column", [2], -1, 1).Floats("row", [1, 6], row).Floats("row/slopes", [1, 6], [.. row.Select(value => value == Score ? Slope : 0)])
            .Node("Sub", ["mean", "mean"], "zeros").Node("Exp", ["zeros"], "ones").Node("CumSum", ["ones", "first axis"], "numbers", ("exclusive", 1))
            .Node("Reshape", ["numbers", "column"], "pictures").Node("Reshape", ["mean", "column"], "means")
            .Node("Mul", ["means", "row/slopes"], "shifts").Node("Add", ["shifts", "row"], "rest").Node("Concat", ["pictures", "rest"], name, ("axis", 1));
        return graph;
    }

    private static LinearGraph PpYoloE()
    {
        var graph = Images("image")
            .Add("concat_0.tmp_0", Float, ["batch", 84, 4], Dense(84, 4, (9, [24, 28, 40, 36])))
            .Add("concat_1.tmp_0", Float, ["batch", 2, 84], Turned(Dense(84, 2, (9, [0.1f, Score])), 84, 2));
        graph.Graph.Input("scale_factor", Float, "batch", 2).Output("unused", Float, "batch", 2).Node("Identity", ["scale_factor"], "unused");
        return graph;
    }

    private static LinearGraph PicoDet()
    {
        var graph = Images("image");
        foreach (var side in (int[])[8, 4, 2, 1])
            graph.Add($"transpose_{side}", Float, ["batch", side * side, 2], Dense(side * side, 2, side == 4 ? [(5, [0.1f, Score])] : []));
        foreach (var side in (int[])[8, 4, 2, 1])
            graph.Add($"transpose_1{side}", Float, ["batch", side * side, 32], new float[side * side * 32]);
        return graph;
    }

    private static LinearGraph NanoDet()
    {
        // Two scores and four distances over eight bins, each all on one bin.
        float[] Row(float score, int bin) => [0.1f, score, .. Enumerable.Range(0, 32).Select(index => index % 8 == bin ? 60f : 3)];
        return Images("data").Add("output", Float, ["batch", 84, 34], [.. Enumerable.Range(0, 84).SelectMany(cell => Row(cell == 69 ? Score : 0.01f, cell == 69 ? 1 : 0))]);
    }

    private static LinearGraph MaskedDetr()
    {
        var graph = Images("inputs").Add("pred_logits", Float, ["batch", 3, 3], [-2, Score, 0, -1, 0, 5, 0, 0, 6]);
        graph.Graph.Input("pixel_mask", Int64, "batch", 8, 8).Output("pred_boxes", Float, "batch", 3, 4)
            .Floats("boxes", [1, 3, 4], 0.5f, 0.25f, 0.5f, 0.25f, 0, 0, 1, 1, 0, 0, 1, 1).Longs("per picture", [3], -1, 1, 1)
            .Node("Cast", ["pixel_mask"], "counting", ("to", 1)).Node("ReduceMean", ["counting"], "share", ("axes", new long[] { 1, 2 }), ("keepdims", 0))
            .Node("Reshape", ["share", "per picture"], "shares").Node("Mul", ["boxes", "shares"], "pred_boxes");
        return graph;
    }

    private static LinearGraph RtDetr()
    {
        var graph = Images().Add("labels", Int64, ["batch", 2], [1, 0]).Add("scores", Float, ["batch", 2], [Score, 0.01f]);
        graph.Graph.Input("orig_target_sizes", Int64, "batch", 2).Output("boxes", Float, "batch", 2, 4)
            .Floats("fractions", [1, 2, 4], 0.1f, 0.1f, 0.3f, 0.8f, 0, 0, 1, 1).Longs("rows", [3], -1, 1, 4)
            .Node("Cast", ["orig_target_sizes"], "sides", ("to", 1)).Node("Concat", ["sides", "sides"], "corners", ("axis", 1))
            .Node("Reshape", ["corners", "rows"], "spread").Node("Mul", ["fractions", "spread"], "boxes");
        return graph;
    }

    private static LinearGraph Paddle()
    {
        // The rows of all pictures are one list: as many as there are pictures.
        var graph = new LinearGraph("image", Float, "b", 3, 64, 64).Add("counts", Int32, ["b"], [1]);
        graph.Graph.Input("scale_factor", Float, "b", 2).Output("rows", Float, "n", 6)
            .Floats("input corners", [1, 4], 4, 8, 16, 32).Floats("row", [1, 2], 1, Score).Floats("row/slopes", [1, 2], 0, Slope)
            .Longs("column", [2], -1, 1).Longs("width first", [4], 1, 0, 1, 0)
            .Node("Reshape", ["mean", "column"], "means").Node("Mul", ["means", "row/slopes"], "shifts").Node("Add", ["shifts", "row"], "label and score")
            .Node("Gather", ["scale_factor", "width first"], "factors", ("axis", 1)).Node("Div", ["input corners", "factors"], "corners")
            .Node("Concat", ["label and score", "corners"], "rows", ("axis", 1));
        return graph;
    }

    private static LinearGraph ModelZooYoloV3()
    {
        var graph = new LinearGraph("input_1", Float, 1, 3, "height", "width")
            .Add("scores", Float, [1, 2, 3], [0.9f, 0.9f, 0.9f, 0.9f, 0.9f, Score]).Add("selected", Int32, [1, 3], [0, 1, 2]);
        graph.Graph.Input("image_shape", Float, 1, 2).Output("boxes", Float, 1, 3, 4)
            .Floats("fractions", [1, 3, 4], 0, 0, 1, 1, 0, 0, 1, 1, 0.25f, 0.5f, 0.75f, 1)
            .Node("Concat", ["image_shape", "image_shape"], "sides", ("axis", 1)).Node("Mul", ["fractions", "sides"], "boxes");
        return graph;
    }
}
