using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// Exports of TensorFlow's object detection models: bytes [B, H, W, 3]; detection_boxes [B, N, 4] as fractions (top, left, bottom, right), detection_classes
/// [B, N] from 1 as floats, detection_scores [B, N], num_detections [B], for Mask R-CNN detection_masks [B, N, h, w] over the boxes. Resizing is inside.
/// </summary>
internal sealed class TensorFlowDetection : ModelFamily
{
    private const int LargestSide = 4096;

    /// <inheritdoc/>
    public override string Name => "tensorflow";

    /// <inheritdoc/>
    public override string Title => "TensorFlow object detection: SSD MobileNet, EfficientDet, Faster and Mask R-CNN, CenterNet.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (PictureTensor.Of(graph) is not { } picture
            || graph.Output("detection_boxes") is not { } boxes || !boxes.Fits(-1, -1, 4)
            || graph.Output("detection_scores") is not { } scores || !scores.Fits(-1, -1)
            || graph.Output("detection_classes") is not { } classes || !classes.Fits(-1, -1))
        {
            return null;
        }

        // Sides that are dynamic mean that the graph resizes; fixed ones are what it was trained at.
        var input = (picture.Type == PixelType.Uint8 ? picture.Plain(LargestSide, LargestSide) : picture.Unit(LargestSide, LargestSide)) with
        {
            Resize = picture.IsFixed ? ResizeRule.Stretch : ResizeRule.Keep,
        };
        var count = graph.Output("num_detections");
        var masks = graph.Output("detection_masks");
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [boxes.Name] },
            Scores = new TensorPart { Outputs = [scores.Name], Axes = "bn" },
            Labels = new TensorPart { Outputs = [classes.Name], Axes = "bn" },
            Count = count is null ? null : new TensorPart { Outputs = [count.Name], Axes = count.Shape is [_, _] ? "b1" : "b" },
            Code = BoxCode.Yxyx,
            Units = BoxUnits.InputNormalised,
            LabelsAreIds = true,
            Masks = masks is null || !masks.Fits(-1, -1, -1, -1)
                ? null
                : new MaskSpec { Frame = MaskFrame.Box, Output = masks.Name, Axes = "bnyx", Threshold = 0.5 },
        };
        return new Recognition(input, decoding, null, 0.5,
        [
            "outputs are named detection_boxes, detection_scores and detection_classes: boxes as fractions, top left first",
            picture.Type == PixelType.Uint8 ? "bytes go in as they are, RGB" : "the input takes floating-point numbers: values 0..1 are assumed, RGB",
            picture.IsFixed ? "the size is fixed: stretched, bilinear" : $"sides are dynamic: pictures go in as they are, up to {LargestSide} pixels a side",
            "labels are taken for ids from 1: COCO's where no names are given",
        ])
        {
            Evidence = Evidence.Names,
        };
    }
}
