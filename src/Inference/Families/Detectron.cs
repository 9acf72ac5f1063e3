using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// Detectron2 (traced) and its forerunner maskrcnn-benchmark (Faster and Mask R-CNN of the ONNX model zoo): one BGR picture [3, H, W] of 0..255, shorter side
/// 800. Boxes [n, 4] xyxy in input pixels, labels int64 [n], scores [n], masks [n, 1, 28, 28] over the boxes,
/// keypoints [n, K, 3] with a score each.
/// </summary>
/// <remarks>
/// Detectron2 normalises inside and labels from 0, and gives the picture's size as a further output. maskrcnn-benchmark wants the mean colour subtracted and
/// sides that are multiples of 32, and labels from 1.
/// </remarks>
internal sealed class Detectron : ModelFamily
{
    private const int ShorterSide = 800;
    private const int LongerSide = 1333;
    private const int Coco = 80;
    private static readonly double[] CaffeMean = [102.9801, 115.9465, 122.7717];

    /// <inheritdoc/>
    public override string Name => "detectron";

    /// <inheritdoc/>
    public override string Title => "Detectron2 and maskrcnn-benchmark: Faster, Mask and Keypoint R-CNN, RetinaNet.";

    /// <summary>True when the outputs are rows of one picture and something tells of Detectron2 or maskrcnn-benchmark.</summary>
    public static bool Recognises(GraphDescription graph) => RowOutputs.Of(graph) is { } rows && (IsSecond(graph, rows) || IsFirst(graph));

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (RowOutputs.Of(graph) is not { } rows || PictureTensor.Of(graph) is not { } picture || graph.Inputs.Count != 1 || !Recognises(graph))
            return null;

        var second = IsSecond(graph, rows);
        var input = picture.Plain(LongerSide, ShorterSide) with
        {
            Resize = picture.IsFixed ? ResizeRule.LetterboxTopLeft : ResizeRule.ShortestSide,
            Filter = ResizeFilter.PillowBilinear,
            ChannelOrder = "bgr",
            PadAfterNormalising = true,
            Mean = second ? [0, 0, 0] : CaffeMean,
            SizeMultiple = second ? 1 : 32,
            MaxBatch = 1,
        };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [rows.Boxes.Name], Axes = "nc" },
            Scores = new TensorPart { Outputs = [rows.Scores.Name], Axes = "n" },
            Labels = new TensorPart { Outputs = [rows.Labels.Name], Axes = "n" },
            LabelOffset = second ? 0 : 1,
            Masks = rows.Masks is { } masks ? new MaskSpec { Frame = MaskFrame.Box, Output = masks.Name, Axes = "n1yx", Threshold = 0.5 } : null,
            Keypoints = rows.ToKeypoints(),
        };
        var classes = graph.Weight("box_predictor.cls_score.bias", "box.predictor.cls_score.bias") is [var channels] ? (int)channels - 1 : Coco;
        return new Recognition(input, decoding, classes, 0.5,
        [
            $"outputs {rows.Text} are boxes, labels and scores of one picture, without a batch",
            second
                ? "Detectron2, by a further output with the picture's size or by names of its layers: BGR, 0..255, normalised inside, labels from 0"
                : "maskrcnn-benchmark, by numbers as names of outputs or by names of its layers: BGR, 0..255 less the mean colour, labels from 1",
            picture.IsFixed ? "the size is fixed: letterbox at the top left" : "sides are dynamic: shorter side 800, longer at most 1333, antialiased",
            $"{classes} categories",
        ]);
    }

    private static bool IsSecond(GraphDescription graph, RowOutputs rows)
        => rows.PictureSize is not null || graph.Mentions("proposal_generator", "roi_heads.box_head", "backbone.bottom_up", "fpn_lateral");

    private static bool IsFirst(GraphDescription graph)
        => graph.Mentions("backbone.body.stem", "roi_heads.box.predictor")
            || (graph.Input("image") is not null && graph.Outputs.All(output => output.Name.All(char.IsAsciiDigit)));
}
