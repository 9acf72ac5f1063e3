using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>DAMO-YOLO: categories [B, N, C], then boxes [B, N, 4], corners in input pixels.</summary>
internal sealed class DamoYolo : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "damo-yolo";

    /// <inheritdoc/>
    public override string Title => "DAMO-YOLO, boxes decoded inside.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { } picture || BoxesAndScores.Of(graph, picture) is not { BoxesFirst: false, ScoresByCategory: false } outputs)
            return null;
        var (width, height) = YoloInput.Size(picture, ExportMetadata.Of(graph));
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [outputs.Boxes.Name] },
            Scores = new TensorPart { Outputs = [outputs.Scores.Name] },
            Nms = new NmsSpec { Iou = 0.7 },
        };
        return new Recognition(picture.Plain(width, height) with { Resize = ResizeRule.Stretch }, decoding, outputs.Categories, 0.5,
            [outputs.Text + ", categories first", "assumed: stretched, bilinear, RGB, 0..255; suppression above an overlap of 0.7"]);
    }
}
