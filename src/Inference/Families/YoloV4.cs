using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>YOLOv4 as exported from PyTorch: boxes [B, N, 1, 4], corners as fractions of the input, and confs [B, N, C], objectness multiplied in.</summary>
internal sealed class YoloV4 : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "yolov4";

    /// <inheritdoc/>
    public override string Title => "YOLOv4 exported from PyTorch, boxes decoded inside.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { } picture || graph.Outputs is not [{ Shape: [_, var rows, 1, 4] } boxes, { Shape: [_, var scoreRows, > 0] } scores] || rows != scoreRows)
            return null;
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [boxes.Name], Axes = "bn1c" },
            Scores = new TensorPart { Outputs = [scores.Name] },
            Units = BoxUnits.InputNormalised,
            Nms = new NmsSpec { Iou = 0.6 },
        };
        return new Recognition(picture.Unit(416, 416) with { Resize = ResizeRule.Stretch }, decoding, scores.Shape[2], 0.4,
        [
            $"outputs {boxes.Name} {boxes.ShapeText} and {scores.Name} {scores.ShapeText} are boxes and {scores.Shape[2]} categories of the same rows",
            "assumed: stretched, bilinear, RGB, 0..1; suppression above an overlap of 0.6",
        ]);
    }
}
