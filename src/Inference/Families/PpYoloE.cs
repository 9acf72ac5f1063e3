using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// PP-YOLOE and PP-YOLOE+ without suppression: boxes [B, N, 4], corners in input pixels, and categories [B, C, N]. A second input scale_factor divides the boxes, and
/// is fed with ones.
/// </summary>
internal sealed class PpYoloE : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "pp-yoloe";

    /// <inheritdoc/>
    public override string Title => "PP-YOLOE and PP-YOLOE+ (PaddleDetection) without suppression.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        var factor = graph.Input("scale_factor");
        if (PictureTensor.Of(graph) is not { } picture || graph.Inputs.Count != (factor is null ? 1 : 2)
            || BoxesAndScores.Of(graph, picture) is not { ScoresByCategory: true } outputs)
        {
            return null;
        }

        var (width, height) = YoloInput.Size(picture, ExportMetadata.Of(graph));
        var input = picture.Unit(width, height) with
        {
            Resize = ResizeRule.Stretch,
            Filter = ResizeFilter.Bicubic,
            Extra = factor is null ? [] : [new ExtraInput { Name = factor.Name, Value = ExtraValue.Constant, Numbers = [1, 1] }],
        };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [outputs.Boxes.Name] },
            Scores = new TensorPart { Outputs = [outputs.Scores.Name], Axes = "bcn" },
            Nms = new NmsSpec { Iou = 0.7 },
        };
        return new Recognition(input, decoding, outputs.Categories, 0.5,
        [
            outputs.Text + ", categories before locations",
            "assumed: PP-YOLOE+: stretched, bicubic, RGB, 0..1 (PP-YOLOE wants ImageNet's mean and deviation: input.mean and input.std of the passport); suppression above an overlap of 0.7",
        ]);
    }
}
