using Serve.Inference.Families;
using Serve.Inference.Onnx;

namespace Serve.Inference.Tests.Families;

public sealed class RecognitionTests
{
    public static TheoryData<string, string, string> Interfaces => new()
    {
        { "rt-detr", "images f32 N 3 640 640; orig_target_sizes i64 N 2", "labels i64 N 300; boxes f32 N 300 4; scores f32 N 300" },
        { "rt-detr", "images f32 batch 3 320 320; orig_target_sizes i64 batch 2", "labels i64 n; boxes f32 n m; scores f32 n" },
        { "detr", "pixel_values f32 batch_size num_channels height width; pixel_mask i64 batch_size 64 64", "logits f32 batch_size 100 92; pred_boxes f32 batch_size 100 4" },
        { "detr", "pixel_values f32 b c h w", "logits f32 b q classes; pred_boxes f32 b q 4" },
        { "detr", "inputs f16 1 3 800 800", "pred_logits f16 1 100 92; pred_boxes f16 1 100 4" },
        { "torchvision", "input f32 c h w", "boxes f32 n 4; labels i64 n; scores f32 n" },
        { "detr", "inputs f32 1 3 800 800", "pred_logits f32 1 100 92; pred_boxes f32 1 100 4" },
        { "detr", "input f32 1 3 560 560", "dets f32 1 300 4; labels f32 1 300 91" },
        { "torchvision", "input f32 3 height width", "boxes f32 n 4; labels i64 n; scores f32 n" },
        { "torchvision", "images f32 1 3 height width", "boxes f32 n 4; labels i64 n; scores f32 n; masks f32 n 1 h w" },
        { "torchvision", "image.1 f32 3 800 1066", "3570 f32 n 4; 3572 i64 n; 3574 f32 n" },
        { "torchvision", "images f32 1 3 h w", "boxes f32 n 4; labels i64 n; scores f32 n; keypoints f32 n 17 3; keypoints_scores f32 n 17" },
        { "torchvision", "images f32 3 h w", "2774 f32 n 4; 2775 i64 n; 2776 f32 n; 2777 f32 n 17 3; 2778 f32 n 17" },
        { "torchvision", "images f32 3 h w", "boxes f32 ...; labels i64 ...; scores f32 ...; keypoints f32 ...; keypoints_scores f32 ..." },
        { "torchvision", "images f32 1 3 h w", "boxes f32 ...; labels i64 ...; scores f32 ..." },
        { "detectron", "image f32 3 height width", "6379 f32 nbox 4; 6381 i64 nbox; 6383 f32 nbox" },
        { "detectron", "x f32 3 height width", "boxes f32 n 4; classes i64 n; masks f32 n 1 28 28; scores f32 n; image_size i64 2" },
        { "detectron", "x f32 3 height width", "boxes f32 n 4; classes i64 n; keypoints f32 n 17 3; scores f32 n; image_size i64 2" },
        { "tensorflow", "image_tensor:0 u8 ? ? ? 3", "detection_boxes:0 f32 ? ? ?; detection_classes:0 f32 ? ?; detection_scores:0 f32 ? ?; num_detections:0 f32 ?" },
        { "tensorflow", "input_tensor u8 1 h w 3", "detection_anchor_indices f32 1 100; detection_boxes f32 1 100 4; detection_classes f32 1 100; detection_multiclass_scores f32 1 100 91; detection_scores f32 1 100; num_detections f32 1; raw_detection_boxes f32 1 1917 4; raw_detection_scores f32 1 1917 91" },
        { "mmdeploy", "input f32 batch 3 height width", "dets f32 batch n d; labels i64 batch n" },
        { "paddle", "image f32 b 3 640 640; scale_factor f32 b 2", "multiclass_nms3_0.tmp_0 f32 n 6; multiclass_nms3_0.tmp_2 i32 b" },
        { "paddle", "im_shape f32 b 2; image f32 b 3 640 640; scale_factor f32 b 2", "reshape2_95.tmp_0 f32 n 6; tile_3.tmp_0 i32 b" },
        { "efficient-nms", "images f32 1 3 640 640", "num_dets i32 1 1; det_boxes f32 1 100 4; det_scores f32 1 100; det_classes i32 1 100" },
        { "model-zoo-yolov3", "input_1 f32 1 3 h w; image_shape f32 1 2", "yolonms_layer_1/ExpandDims_1:0 f32 1 n 4; yolonms_layer_1/ExpandDims_3:0 f32 1 80 n; yolonms_layer_1/concat_2:0 i32 m 3" },
        { "model-zoo-yolov3", "input_1 f32 1 3 h w; image_shape f32 1 2", "yolonms_layer_1 f32 1 n 4; yolonms_layer_1:1 f32 1 80 n; yolonms_layer_1:2 i32 1 m 3" },
        { "retinaface", "input0 f32 1 3 640 640", "output0 f32 1 16800 4; output1 f32 1 16800 2; output2 f32 1 16800 10" },
        { "retinaface", "input0 f32 1 3 h w", "loc f32 1 n 4; conf f32 1 n 2; landms f32 1 n 10" },
        { "ssd", "image f32 1 3 1200 1200", "bboxes f32 1 200 4; labels i64 1 200; scores f32 1 200" },
    };

    [Theory]
    [MemberData(nameof(Interfaces))]
    public void Recognises_an_interface_as_one_family_alone(string family, string inputs, string outputs)
    {
        var graph = TestGraph.Of(inputs, outputs);

        Assert.Equal([family], Recognised(graph));
    }

    [Theory]
    [InlineData("data f32 1 3 224 224", "prob f32 1 1000")]
    [InlineData("tokens i64 1 128", "logits f32 1 128 30522")]
    public void Leaves_graphs_of_no_detector_alone(string inputs, string outputs)
        => Assert.Empty(Recognised(TestGraph.Of(inputs, outputs)));

    private static IEnumerable<string> Recognised(GraphDescription graph)
        => ModelFamilies.All.Where(family => family.Recognise(graph, TestGraph.Zeros(graph)) is not null).Select(family => family.Name);
}
