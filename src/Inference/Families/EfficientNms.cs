using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLO graphs whose suppression stands in the graph under TensorRT's names: num_dets [B, 1], det_boxes [B, N, 4] xyxy in input pixels, det_scores [B, N],
/// det_classes [B, N] from 0; also as num_detections, nmsed_boxes, nmsed_scores, nmsed_classes.
/// </summary>
internal sealed class EfficientNms : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "efficient-nms";

    /// <inheritdoc/>
    public override string Title => "YOLOv5 to YOLOv9 and others with TensorRT's suppression: num_dets, det_boxes, det_scores, det_classes.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (PictureTensor.Of(graph) is not { } picture
            || graph.Output("num_dets", "num_detections") is not { } count
            || graph.Output("det_boxes", "nmsed_boxes") is not { } boxes || !boxes.Fits(-1, -1, 4)
            || graph.Output("det_scores", "nmsed_scores") is not { } scores || !scores.Fits(-1, -1)
            || graph.Output("det_classes", "nmsed_classes") is not { } classes || !classes.Fits(-1, -1))
        {
            return null;
        }

        var input = picture.Unit(640, 640) with { Resize = ResizeRule.LetterboxCentre, OneFactor = true, PadValue = 114 };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [boxes.Name] },
            Scores = new TensorPart { Outputs = [scores.Name], Axes = "bn" },
            Labels = new TensorPart { Outputs = [classes.Name], Axes = "bn" },
            Count = new TensorPart { Outputs = [count.Name], Axes = count.Shape is [_] ? "b" : "b1" },
        };
        return new Recognition(input, decoding, null, 0.25,
        [
            $"outputs {count.Name}, {boxes.Name}, {scores.Name} and {classes.Name} are those of TensorRT's suppression",
            "it follows YOLO: letterbox in the centre, 114, " + (picture.Type == PixelType.Uint8 ? "bytes as they are, RGB" : "values 0..1, RGB"),
        ])
        {
            Evidence = Evidence.Names,
        };
    }
}
