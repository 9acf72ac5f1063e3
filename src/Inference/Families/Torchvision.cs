using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// Detectors of torchvision.models.detection: one picture [3, H, W] or [1, 3, H, W], 0..1; the graph itself resizes and normalises. Boxes [n, 4] xyxy in pixels
/// of what went in, labels int64 [n], scores [n], for Mask R-CNN masks [n, 1, H, W], for Keypoint R-CNN
/// keypoints [n, K, 3] and their scores [n, K], logits.
/// </summary>
internal sealed class Torchvision : ModelFamily
{
    // Larger pictures are scaled down before; the graph would shrink them to 800 x 1333 at most anyway.
    private const int LargestSide = 4096;
    private const int CocoIds = 91;

    /// <inheritdoc/>
    public override string Name => "torchvision";

    /// <inheritdoc/>
    public override string Title => "torchvision: Faster, Mask and Keypoint R-CNN, RetinaNet, FCOS, SSD, SSDlite.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (PictureTensor.Of(graph) is not { } picture || graph.Inputs.Count != 1 || RowOutputs.Of(graph) is not { } rows || Detectron.Recognises(graph))
            return null;

        // The head counts the background too. Where it is not to be found, or has COCO's 91, labels are ids from 1 on.
        int? classes = graph.Weight("box_predictor.cls_score.bias") is [var channels] and not [CocoIds] ? (int)channels - 1 : null;
        var ids = classes is null;
        var input = (picture.IsFixed
                ? picture.Unit(0, 0) with { Resize = ResizeRule.LetterboxTopLeft }
                : picture.Unit(LargestSide, LargestSide) with { Resize = ResizeRule.Keep })
            with
        { MaxBatch = 1 };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [rows.Boxes.Name], Axes = "nc" },
            Scores = new TensorPart { Outputs = [rows.Scores.Name], Axes = "n" },
            Labels = new TensorPart { Outputs = [rows.Labels.Name], Axes = "n" },
            LabelsAreIds = ids,
            LabelOffset = ids ? 0 : 1,
            Masks = rows.Masks is { } masks
                ? new MaskSpec { Frame = MaskFrame.Input, Output = masks.Name, Axes = "n1yx", Threshold = 0.5, CutAtBox = false }
                : null,
            Keypoints = rows.ToKeypoints(),
        };
        return new Recognition(input, decoding, classes, 0.5,
        [
            $"outputs {rows.Text} are boxes, labels and scores of one picture, without a batch",
            .. rows.Keypoints is null ? Array.Empty<string>() : [KeypointsTold(rows)],
            "nothing tells of Detectron: values 0..1, RGB, resized inside the graph",
            picture.IsFixed ? "the size is fixed: letterbox at the top left" : $"pictures go in as they are, up to {LargestSide} pixels a side",
            ids ? "labels are taken for ids, 0 being the background: COCO's where no names are given" : $"the head has {classes + 1} classes: labels count from 1, 0 being the background",
        ]);
    }

    private static string KeypointsTold(RowOutputs rows)
        => $"{rows.Keypoints!.Name} are keypoints in pixels of what went in" + (rows.KeypointScores is { } scores ? $", {scores.Name} their scores, through a sigmoid" : "");
}
