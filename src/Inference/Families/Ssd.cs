using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// SSD: scores [B, N, C] with the background in channel 0, boxes [B, N, 4] decoded to fractions of the sides, or left as deltas where the number of locations
/// is that of a known set of anchors. Also MLPerf's, with bboxes [B, N, 4], labels [B, N] from 1 and scores [B, N].
/// </summary>
/// <remarks>
/// Exports of pytorch-ssd (VGG: RGB less the mean colour; MobileNet: (v - 127) / 128), stretched, bilinear; suppression at 0.45. MLPerf's SSD-ResNet34: 0..1 less
/// ImageNet's mean by its deviation, boxes suppressed inside.
/// </remarks>
internal sealed class Ssd : ModelFamily
{
    private const int MlPerfSide = 1200;

    // Fewer locations than this are queries (DETR), not the cells of maps.
    private const int FewestLocations = 1001;

    /// <inheritdoc/>
    public override string Name => "ssd";

    /// <inheritdoc/>
    public override string Title => "SSD with VGG or MobileNet (pytorch-ssd), SSD-ResNet34 (MLPerf).";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (PictureTensor.Of(graph) is not { } picture)
            return null;
        return MlPerf(graph, picture) ?? (SsdOutputs.Of(graph) is { Landmarks: null } outputs ? WithBackground(picture, outputs, probe) : null);
    }

    private static Recognition? MlPerf(GraphDescription graph, PictureTensor picture)
    {
        if (graph.Output("bboxes") is not { } boxes || !boxes.Fits(-1, -1, 4) || graph.Output("scores") is not { } scores || !scores.Fits(-1, -1)
            || graph.Output("labels") is not { } labels || !labels.Fits(-1, -1))
        {
            return null;
        }

        var input = picture.ImageNet(MlPerfSide, MlPerfSide) with { Resize = ResizeRule.Stretch };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [boxes.Name] },
            Scores = new TensorPart { Outputs = [scores.Name], Axes = "bn" },
            Labels = new TensorPart { Outputs = [labels.Name], Axes = "bn" },
            LabelOffset = 1,
            Units = BoxUnits.InputNormalised,
        };
        return new Recognition(input, decoding, 80, 0.5,
            ["outputs bboxes, labels and scores are those of MLPerf's SSD", "stretched, bilinear, 0..1 less ImageNet's mean by its deviation; labels from 1, COCO's 80"]);
    }

    private static Recognition? WithBackground(PictureTensor picture, SsdOutputs outputs, IGraphProbe probe)
    {
        if (!picture.IsFixed || outputs.Scores.Side(1) < FewestLocations || UltraFace.Recognises(picture, outputs.Scores) || outputs.Scores.Side(2) is not { } channels)
            return null;
        var (width, height) = (picture.Width!.Value, picture.Height!.Value);
        var run = probe.Run(1, width, height, 1);
        var softmaxed = SsdOutputs.AreProbabilities(run.Outputs[outputs.Scores.Name].Values, channels);
        var decoded = softmaxed && SsdOutputs.AreCorners(run.Outputs[outputs.Boxes.Name].Values);
        var grid = SsdAnchors.Of(width, height, outputs.Scores.Side(1)!.Value);
        if (!decoded && grid is null)
            return null;

        var vgg = SsdAnchors.IsVgg(grid);
        var input = picture.Plain(width, height) with
        {
            Resize = ResizeRule.Stretch,
            Mean = vgg ? [123, 117, 104] : [127, 127, 127],
            Std = vgg ? [1, 1, 1] : [128, 128, 128],
        };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [outputs.Boxes.Name] },
            Scores = new TensorPart { Outputs = [outputs.Scores.Name], Activation = softmaxed ? Activation.None : Activation.Softmax },
            Code = decoded ? BoxCode.Xyxy : BoxCode.Deltas,
            Units = decoded ? BoxUnits.InputNormalised : BoxUnits.Input,
            Variances = decoded ? [1, 1] : [0.1, 0.2],
            Grid = decoded ? null : grid,
            Background = 0,
            Choose = LabelRule.Every,
            Nms = new NmsSpec { Iou = 0.45 },
        };
        return new Recognition(input, decoding, channels - 1, 0.4,
        [
            $"outputs {outputs.Scores.Name} {outputs.Scores.ShapeText} and {outputs.Boxes.Name} {outputs.Boxes.ShapeText} are scores with a background and boxes",
            softmaxed ? "in a run on noise the scores of a location add up to one" : "in a run on noise scores are logits: a softmax is applied",
            decoded ? "in a run on noise boxes are corners: they are decoded inside" : $"boxes are deltas to the {outputs.Scores.Side(1)} anchors of SSD 300",
            $"stretched, bilinear, RGB, {(vgg ? "less the mean colour, as with VGG" : "(v - 127) / 128, as with MobileNet")}",
        ]);
    }
}
