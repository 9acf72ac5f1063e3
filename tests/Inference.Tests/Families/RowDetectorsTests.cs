using Serve.Inference.Decoding;
using Serve.Inference.Families;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Families;

/// <summary>Torchvision, Detectron and the frameworks that do everything inside.</summary>
public sealed class RowDetectorsTests
{
    private const string Rows = "boxes f32 n 4; labels i64 n; scores f32 n";

    [Fact]
    public void Torchvision_takes_pictures_as_they_are_and_labels_as_ids()
    {
        var recognition = Recognise<Torchvision>("images f32 1 3 h w", Rows + "; masks f32 n 1 h w");

        Assert.Equal((ResizeRule.Keep, "rgb", 1.0 / 255, 1), (recognition.Input.Resize, recognition.Input.ChannelOrder, recognition.Input.Scale, recognition.Input.MaxBatch));
        Assert.Equal((true, 0, null), (recognition.Decoding.LabelsAreIds, recognition.Decoding.LabelOffset, recognition.Categories));
        Assert.Equal((MaskFrame.Input, "n1yx", 0.5), (recognition.Decoding.Masks!.Frame, recognition.Decoding.Masks.Axes, recognition.Decoding.Masks.Threshold));
    }

    [Fact]
    public void Torchvision_counts_labels_from_one_when_the_head_has_few_classes()
    {
        var graph = TestGraph.Of("images f32 3 h w", Rows) with { Weights = Weights("roi_heads.box_predictor.cls_score.bias", 3) };

        var recognition = new Torchvision().Recognise(graph, TestGraph.NoProbe)!;

        Assert.Equal((false, 1, 2), (recognition.Decoding.LabelsAreIds, recognition.Decoding.LabelOffset, recognition.Categories!.Value));
    }

    [Fact]
    public void Detectron2_normalises_inside_and_labels_from_zero()
    {
        var recognition = Recognise<Detectron>("x f32 3 h w", Rows + "; masks f32 n 1 28 28; size i64 2");

        Assert.Equal((ResizeRule.ShortestSide, "bgr", 0.0, 1), (recognition.Input.Resize, recognition.Input.ChannelOrder, recognition.Input.Mean[0], recognition.Input.SizeMultiple));
        Assert.Equal((0, MaskFrame.Box), (recognition.Decoding.LabelOffset, recognition.Decoding.Masks!.Frame));
    }

    [Fact]
    public void The_model_zoos_r_cnn_wants_the_mean_subtracted_and_labels_from_one()
    {
        var recognition = Recognise<Detectron>("image f32 3 h w", "6568 f32 n 4; 6570 i64 n; 6572 f32 n; 6887 f32 n 1 28 28");

        Assert.Equal((102.9801, 32, true), (recognition.Input.Mean[0], recognition.Input.SizeMultiple, recognition.Input.PadAfterNormalising));
        Assert.Equal((1, 80), (recognition.Decoding.LabelOffset, recognition.Categories!.Value));
    }

    [Theory]
    [InlineData("image_tensor:0 u8 ? ? ? 3", ResizeRule.Keep)]
    [InlineData("image_tensor:0 u8 1 300 300 3", ResizeRule.Stretch)]
    public void TensorFlow_takes_bytes_and_gives_fractions(string input, ResizeRule resize)
    {
        var recognition = Recognise<TensorFlowDetection>(
            input, "detection_boxes:0 f32 ? ? ?; detection_classes:0 f32 ? ?; detection_scores:0 f32 ? ?; num_detections:0 f32 ?");

        Assert.Equal((resize, PixelType.Uint8, TensorLayout.Nhwc, 1.0), (recognition.Input.Resize, recognition.Input.Type, recognition.Input.Layout, recognition.Input.Scale));
        Assert.Equal((BoxCode.Yxyx, BoxUnits.InputNormalised, "b"), (recognition.Decoding.Code, recognition.Decoding.Units, recognition.Decoding.Count!.Axes));
    }

    [Fact]
    public void MmDeploys_rtmdet_is_fed_bgr_and_the_smallest_at_320()
    {
        var graph = TestGraph.Of("input f32 b 3 h w", "dets f32 b n 5; labels i64 b n", ["bbox_head.rtm_cls.0.weight"]) with { Weights = Weights("bbox_head.rtm_cls.0.weight", 1, 64, 1, 1) };

        var recognition = new MmDeploy().Recognise(graph, TestGraph.NoProbe)!;

        Assert.Equal((ResizeRule.LetterboxTopLeft, SizeRounding.Down, 114.0, "bgr"), (recognition.Input.Resize, recognition.Input.Rounding, recognition.Input.PadValue, recognition.Input.ChannelOrder));
        Assert.Equal((320, 103.53, 1), (recognition.Input.Width, recognition.Input.Mean[0], recognition.Categories!.Value));
        Assert.Equal((4, 1), (recognition.Decoding.Scores.From, recognition.Decoding.Scores.Channels));
    }

    [Fact]
    public void Paddles_rows_begin_with_label_and_score_and_lie_on_the_original()
    {
        var recognition = Recognise<PaddleDetection>("im_shape f32 b 2; image f32 b 3 608 608; scale_factor f32 b 2", "rows f32 n 6; count i32 b");

        Assert.Equal((BoxUnits.Original, 2, 1, 0), (recognition.Decoding.Units, recognition.Decoding.Boxes.From, recognition.Decoding.Scores.From, recognition.Decoding.Labels!.From));
        Assert.Equal([("scale_factor", ExtraValue.ScaleFactor, "hw"), ("im_shape", ExtraValue.ResizedSize, "hw")], recognition.Input.Extra.Select(extra => (extra.Name, extra.Value, extra.Order)));
        Assert.Equal((ResizeRule.Stretch, ResizeFilter.Bicubic), (recognition.Input.Resize, recognition.Input.Filter));
    }

    [Fact]
    public void The_model_zoos_yolov3_selects_rows_and_answers_on_the_original()
    {
        var recognition = Recognise<ModelZooYoloV3>("input_1 f32 1 3 h w; image_shape f32 1 2", "a f32 1 n 4; b f32 1 80 n; c i32 m 3");

        Assert.Equal(("c", BoxCode.Yxyx, BoxUnits.Original, "bcn"), (recognition.Decoding.Selected!, recognition.Decoding.Code, recognition.Decoding.Units, recognition.Decoding.Scores.Axes));
        Assert.Equal((416, 128.0, ExtraValue.OriginalSize), (recognition.Input.Width, recognition.Input.PadValue, recognition.Input.Extra[0].Value));
    }

    private static Recognition Recognise<T>(string inputs, string outputs) where T : ModelFamily, new()
        => new T().Recognise(TestGraph.Of(inputs, outputs), TestGraph.NoProbe)!;

    private static Dictionary<string, IReadOnlyList<long>> Weights(string name, params long[] shape) => new() { [name] = shape };
}
