using Serve.Inference.Decoding;
using Serve.Inference.Families;
using Serve.Inference.Models;

namespace Serve.Inference.Tests.Families;

public sealed class DetrTests
{
    private const string Raw = "pred_logits f32 batch 100 80; pred_boxes f32 batch 100 4";
    private static readonly string[] DFine = ["/decoder/decoder/integral/MatMul", "/decoder/decoder/lqe_layers.2/Add"];

    [Fact]
    public void Ninety_two_classes_are_a_softmax_with_no_object_last()
    {
        var recognition = new Detr().Recognise(
            TestGraph.Of("pixel_values f32 b c h w; pixel_mask i64 b 64 64", "logits f32 b 100 92; pred_boxes f32 b 100 4"), TestGraph.NoProbe)!;

        Assert.Equal((Activation.Softmax, -1, LabelRule.Best, 91), (recognition.Decoding.Scores.Activation, recognition.Decoding.Background!.Value, recognition.Decoding.Choose, recognition.Categories!.Value));
        Assert.Equal((BoxCode.Cxcywh, BoxUnits.InputNormalised, true), (recognition.Decoding.Code, recognition.Decoding.Units, recognition.Decoding.LabelsAreIds));
        Assert.Equal((ResizeRule.ShortestSide, 1333, 800), (recognition.Input.Resize, recognition.Input.Width, recognition.Input.Height));
        Assert.Equal(new ExtraInput { Name = "pixel_mask", Value = ExtraValue.Constant, Numbers = [1] } with { Numbers = recognition.Input.Extra[0].Numbers }, recognition.Input.Extra[0]);
    }

    [Fact]
    public void Deformable_attention_goes_with_a_sigmoid_and_the_best_pairs()
    {
        var recognition = new Detr().Recognise(TestGraph.Of("images f32 batch 3 320 320", Raw, DFine, ["GridSample"]), TestGraph.NoProbe)!;

        Assert.Equal((Activation.Sigmoid, null, LabelRule.Every, 300), (recognition.Decoding.Scores.Activation, recognition.Decoding.Background, recognition.Decoding.Choose, recognition.Decoding.MaxDetections));
        Assert.Equal((ResizeRule.LetterboxCentre, ResizeFilter.PillowBilinear, SizeRounding.Down), (recognition.Input.Resize, recognition.Input.Filter, recognition.Input.Rounding));
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(-5, false)]
    public void A_run_tells_whether_the_last_class_is_no_object(float last, bool softmax)
    {
        var probe = TestGraph.Probe(("pred_logits", [1, 100, 4], i => i % 4 == 3 ? last : -1), ("pred_boxes", [1, 100, 4], _ => 0.5f));

        var recognition = new Detr().Recognise(TestGraph.Of("images f32 1 3 64 64", "pred_logits f32 1 100 4; pred_boxes f32 1 100 4"), probe)!;

        Assert.Equal(softmax ? Activation.Softmax : Activation.Sigmoid, recognition.Decoding.Scores.Activation);
        Assert.Equal(softmax ? 3 : 4, recognition.Categories);
    }

    [Fact]
    public void Hugging_faces_exports_of_d_fine_and_rt_detr_are_stretched()
    {
        var outputs = "logits f32 b 300 80; pred_boxes f32 b 300 4";

        var dFine = new Detr().Recognise(TestGraph.Of("pixel_values f32 b c h w", outputs, DFine, ["GridSample"]), TestGraph.NoProbe)!;
        var rtDetr = new Detr().Recognise(TestGraph.Of("pixel_values f32 b c h w", outputs, ["/model/encoder/fpn_blocks.0/Add"], ["GridSample"]), TestGraph.NoProbe)!;

        Assert.All([dFine, rtDetr], recognition => Assert.Equal((ResizeRule.Stretch, 640, 1.0 / 255, 0.0), (recognition.Input.Resize, recognition.Input.Width, recognition.Input.Scale, recognition.Input.Mean[0])));
    }

    [Theory]
    [InlineData("", ResizeRule.Stretch)]
    [InlineData("/decoder/decoder/integral/MatMul", ResizeRule.LetterboxCentre)]
    public void End_to_end_exports_are_stretched_unless_names_tell_of_d_fine(string name, ResizeRule resize)
    {
        var graph = TestGraph.Of("images f32 N 3 640 640; orig_target_sizes i64 N 2", "labels i64 N 300; boxes f32 N 300 4; scores f32 N 300", [name]);

        var recognition = new RtDetr().Recognise(graph, TestGraph.NoProbe)!;

        Assert.Equal((resize, ResizeFilter.PillowBilinear, 0), (recognition.Input.Resize, recognition.Input.Filter, recognition.Input.MaxBatch));
        Assert.Equal(("orig_target_sizes", ExtraValue.InputSize, "wh"), (recognition.Input.Extra[0].Name, recognition.Input.Extra[0].Value, recognition.Input.Extra[0].Order));
    }

    [Fact]
    public void End_to_end_exports_without_a_batch_run_one_picture_at_a_time()
    {
        var graph = TestGraph.Of("images f32 batch 3 320 320; orig_target_sizes i64 batch 2", "labels i64 n; boxes f32 n m; scores f32 n", ["/backbone/dinov3/Conv", "lqe_layers"]);

        var recognition = new RtDetr().Recognise(graph, TestGraph.NoProbe)!;

        Assert.Equal(("nc", "n", "n", 1), (recognition.Decoding.Boxes.Axes, recognition.Decoding.Scores.Axes, recognition.Decoding.Labels!.Axes, recognition.Input.MaxBatch));
        Assert.Equal(0.485, recognition.Input.Mean[0]);
    }
}
