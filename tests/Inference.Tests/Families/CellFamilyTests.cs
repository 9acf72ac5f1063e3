using Serve.Inference.Tests.Models;
using static Serve.Inference.Tests.Families.SmallModel;

namespace Serve.Inference.Tests.Families;

/// <summary>Detectors with one place a cell: YOLOX, NanoDet, PicoDet, YOLO-NAS, DAMO-YOLO, PP-YOLOE, from a file without a passport to boxes in the picture.</summary>
public sealed class CellFamilyTests : IDisposable
{
    private const OnnxWriter.Element Float = OnnxWriter.Element.Float;
    private const OnnxWriter.Element Int64 = OnnxWriter.Element.Int64;
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Yolox_with_its_grid_left_to_decode_is_told_by_a_probe_run()
    {
        // Cell (2, 1) of stride 16, at index 64 + 1 * 4 + 2: centre (2.5, 1.25) * 16, size exp(0) * 16 and exp(log 0.5) * 16.
        var rows = Enumerable.Repeat((float[])[0.4f, 0.6f, 0, 0, 0.001f, 0.5f, 0.5f], 84).SelectMany(row => row).ToArray();
        ((float[])[0.5f, 0.25f, 0, MathF.Log(0.5f), 0.8f, 0.1f, 0.9f]).CopyTo(rows, 70 * 7);

        var found = Assert.Single(Detect(_folder, "yolox", Images("images").Output("output", Float, ["batch", 84, 7], rows), "cat dog"));

        // At the top left: the picture is half as large, and nothing is moved.
        Is(found, "dog", 0.72, 64, 32, 96, 48);
    }

    [Fact]
    public void Yolox_with_its_grid_decoded_is_told_by_a_probe_run()
    {
        var rows = Places(7, [0.001f, 0.5f, 0.5f], (70, [40, 20, 16, 8, 0.8f, 0.1f, 0.9f]));

        var found = Assert.Single(Detect(_folder, "yolox", Images("images").Output("output", Float, ["batch", 84, 7], rows), "cat dog"));

        Is(found, "dog", 0.72, 64, 32, 96, 48);
    }

    [Fact]
    public void Nanodet_plus_has_four_strides_and_places_at_the_corner_of_cells()
    {
        // Cell (1, 1) of stride 16 lies at (16, 16), one stride from the left, right and bottom edge.
        var rows = Enumerable.Repeat(Joined(0, 0, 0, 0, 0, 0), 85).SelectMany(row => row).ToArray();
        Joined(0.1f, 0.9f, 1, 0, 1, 1).CopyTo(rows, 69 * 34);

        var found = Assert.Single(Detect(_folder, "nanodet", Images("data").Output("output", Float, [1, 85, 34], rows), "cat dog"));

        // Stretched: twice as wide as the input, and as high.
        Is(found, "dog", 0.9, 0, 16, 64, 32);
    }

    [Fact]
    public void Nanodet_has_three_strides_and_places_in_the_middle_of_cells()
    {
        var rows = Enumerable.Repeat(Joined(0, 0, 0, 0, 0, 0), 84).SelectMany(row => row).ToArray();
        Joined(0.1f, 0.9f, 1, 0, 1, 1).CopyTo(rows, 69 * 34);

        var found = Assert.Single(Detect(_folder, "nanodet", Images("data").Output("output", Float, [1, 84, 34], rows), "cat dog"));

        // (24, 24) less 16, 0, and with 16, 16; the letterbox begins at 16, and the picture is half as large.
        Is(found, "dog", 0.9, 16, 16, 80, 48);
    }

    [Theory]
    [InlineData("nanodet", "cls_pred_stride_{0}", "dis_pred_stride_{0}", 3, 16, 16, 80, 48)]
    [InlineData("picodet", "save_infer_model/scale_{0}.tmp_1", "save_infer_model/scale_1{0}.tmp_1", 4, 16, 24, 80, 40)]
    [InlineData("picodet", "transpose_{0}", "transpose_1{0}", 4, 16, 24, 80, 40)]
    public void Outputs_in_pairs_a_stride_are_put_together_by_their_size(
        string family, string scores, string distances, int levels, double x1, double y1, double x2, double y2)
    {
        int[] strides = [.. new[] { 8, 16, 32, 64 }.Take(levels)];
        var graph = Images("image");
        foreach (var stride in strides.Reverse())
        {
            var cells = 64 / stride * (64 / stride);
            graph.Output(Name(scores, stride), Float, [1, cells, 2], Dense(cells, 2, stride == 16 ? [(5, [0.1f, 0.9f])] : []));
        }

        foreach (var stride in strides)
        {
            var cells = 64 / stride * (64 / stride);
            var rows = Enumerable.Repeat(Joined(0, 0, 0, 0, 0, 0)[2..], cells).SelectMany(row => row).ToArray();
            if (stride == 16)
                Joined(0, 0, 1, 0, 1, 1)[2..].CopyTo(rows, 5 * 32);
            graph.Output(Name(distances, stride), Float, [1, cells, 32], rows);
        }

        Is(Assert.Single(Detect(_folder, family, graph, "cat dog")), "dog", 0.9, x1, y1, x2, y2);
    }

    [Fact]
    public void Scores_that_are_logits_get_a_sigmoid()
    {
        var graph = Images("image");
        foreach (var side in (int[])[8, 4, 2, 1])
            graph.Output($"transpose_{side}", Float, [1, side * side, 2], [.. Enumerable.Range(0, side * side * 2).Select(index => side == 4 && index == 11 ? 2f : -6)]);
        foreach (var side in (int[])[8, 4, 2, 1])
            graph.Output($"transpose_1{side}", Float, [1, side * side, 32], new float[side * side * 32]);

        var found = Assert.Single(Detect(_folder, "picodet", graph, "cat dog"));

        Assert.Equal(1 / (1 + Math.Exp(-2)), found.Score, 1e-4);
    }

    [Fact]
    public void Yolo_nas_without_suppression_has_boxes_before_categories()
    {
        var graph = Images("input")
            .Output("boxes", Float, [1, 84, 4], Dense(84, 4, (9, [24, 28, 40, 36]), (10, [24, 28, 40, 37])))
            .Output("scores", Float, [1, 84, 2], Dense(84, 2, (9, [0.1f, 0.9f]), (10, [0.1f, 0.8f])));

        Is(Assert.Single(Detect(_folder, "yolo-nas", graph, "cat dog")), "dog", 0.9, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolo_nas_with_suppression_counts_its_rows()
    {
        var graph = Images("input")
            .Output("graph2_num_predictions", Int64, ["batch", 1], [1])
            .Output("graph2_pred_boxes", Float, ["batch", 2, 4], [24, 28, 40, 36, -1, -1, -1, -1])
            .Output("graph2_pred_scores", Float, ["batch", 2], [0.9f, -1])
            .Output("graph2_pred_classes", Int64, ["batch", 2], [1, -1]);

        Is(Assert.Single(Detect(_folder, "yolo-nas", graph, "cat dog")), "dog", 0.9, 48, 24, 80, 40);
    }

    [Fact]
    public void Yolo_nas_lists_the_rows_of_all_pictures_with_the_score_before_the_category()
    {
        var graph = Images("input").Output("graph2_flat_predictions", Float, ["rows", 7], [0, 24, 28, 40, 36, 0.9f, 1]);

        Is(Assert.Single(Detect(_folder, "yolo-nas", graph, "cat dog")), "dog", 0.9, 48, 24, 80, 40);
    }

    [Fact]
    public void Damo_yolo_has_categories_before_boxes()
    {
        var graph = Images("images")
            .Output("output", Float, [1, 84, 2], Dense(84, 2, (9, [0.1f, 0.9f])))
            .Output("952", Float, [1, 84, 4], Dense(84, 4, (9, [24, 28, 40, 36])));

        // Stretched.
        Is(Assert.Single(Detect(_folder, "damo-yolo", graph, "cat dog")), "dog", 0.9, 48, 28, 80, 36);
    }

    [Fact]
    public void Pp_yoloe_has_categories_before_locations_and_is_fed_ones_as_factors()
    {
        var graph = Images("image");
        graph.Graph.Input("scale_factor", Float, 1, 2);
        graph
            .Output("concat_0.tmp_0", Float, [1, 84, 4], Dense(84, 4, (9, [24, 28, 40, 36])))
            .Output("concat_1.tmp_0", Float, [1, 2, 84], Turned(Dense(84, 2, (9, [0.1f, 0.9f])), 84, 2));
        // The factors are used, or a runtime would not ask for them.
        graph.Graph.Output("unused", Float, 1, 2).Node("Identity", ["scale_factor"], "unused");

        Is(Assert.Single(Detect(_folder, "pp-yoloe", graph, "cat dog")), "dog", 0.9, 48, 28, 80, 36);
    }

    private static LinearGraph Images(string name) => new(name, Float, name is "images" or "input" ? "batch" : 1, 3, 64, 64);

    private static string Name(string pattern, int stride) => pattern.Replace("{0}", $"{stride}", StringComparison.Ordinal);

    /// <summary>Two scores and four distances over eight bins, each all on one bin.</summary>
    private static float[] Joined(float first, float second, params int[] bins)
        => [first, second, .. bins.SelectMany(bin => Enumerable.Range(0, 8).Select(index => index == bin ? 60f : 3))];
}
