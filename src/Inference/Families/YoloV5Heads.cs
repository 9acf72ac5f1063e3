using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOv5 and YOLOv7 as their last convolutions leave them: three or four outputs [B, 3, H, W, 5 + C], or [B, 3 (5 + C), H, W], of raw values.
/// </summary>
internal sealed class YoloV5Heads : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "yolov5-heads";

    /// <inheritdoc/>
    public override string Title => "YOLOv5 and YOLOv7, raw heads with anchors left to decode.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { } picture || graph.Outputs.Count is not (3 or 4) || !graph.Outputs.All(IsHead))
            return null;
        var metadata = ExportMetadata.Of(graph);
        var (width, height) = YoloInput.Size(picture, metadata);
        if (HeadMap.All(graph, probe, width, height) is not { } heads || heads.DistinctBy(head => (head.Channels, head.IsSplit)).Count() != 1
            || IsDarknet(graph)
            || heads.DistinctBy(head => head.Columns).Count() != heads.Count
            || (!heads[0].IsSplit && YoloV8Heads.AreDistributions(graph, probe, width, height, heads) == true))
        {
            return null;
        }

        var categories = (heads[0].IsSplit ? heads[0].Channels : heads[0].Channels / HeadMap.AnchorsPerCell) - 5;
        if (categories < 1)
            return null;

        double[] strides = [.. heads.Select(head => head.Stride(width))];
        string[] names = [.. heads.Select(head => head.Name)];
        var axes = heads[0].IsSplit ? "bayxc" : "bkyx";
        var (anchors, whose) = YoloAnchors.Of(graph, heads.Count);
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = names, Axes = axes, Channels = 4 },
            Objectness = new TensorPart { Outputs = names, Axes = axes, From = 4, Channels = 1, Activation = Activation.Sigmoid },
            Scores = new TensorPart { Outputs = names, Axes = axes, From = 5, Channels = categories, Activation = Activation.Sigmoid },
            Code = BoxCode.YoloSquare,
            Grid = new GridSpec { Strides = strides, Anchors = anchors, Offset = 0 },
            Score = categories == 1 && YoloAnchors.IsYoloV7(graph) ? ScoreRule.Objectness : ScoreRule.ObjectnessTimesCategory,
            Nms = new NmsSpec { Iou = 0.45 },
        };
        return new Recognition(YoloInput.Centred(picture, metadata), decoding, categories, 0.25,
        [
            $"{heads.Count} outputs are maps of three anchors with box, objectness and {categories} categories: raw heads of strides {string.Join(", ", strides)}",
            $"assumed: anchors are {whose} (others go into decoding.grid.anchors of the passport)",
            $"assumed: {YoloInput.Letterboxed(picture)}; suppression above an overlap of 0.45",
        ]);
    }

    /// <inheritdoc/>
    public override string? Shortfall(GraphDescription graph)
        => IsDarknet(graph) && graph.Outputs.All(IsHead)
            ? "layers are named as Darknet's are: heads of YOLOv3 and YOLOv4 have the same shape and other anchors and codes (code yolo-exp)"
            : graph.Outputs.Count(output => IsHead(output)) is var heads and > 0 && graph.Outputs.Count is not (3 or 4)
            ? $"{heads} of {graph.Outputs.Count} outputs are maps of three anchors; three or four are expected, and no others"
            : null;

    // 082_convolutional: what converters of Darknet's files call the last layers.
    private static bool IsDarknet(GraphDescription graph) => graph.Outputs.Any(output => output.Name.Contains("convolutional", StringComparison.Ordinal)) || graph.Mentions("_convolutional");

    private static bool IsHead(GraphTensor output)
        => HeadMap.MayBe(output) && (output.Shape is not [_, var channels, _, _] || (channels % HeadMap.AnchorsPerCell == 0 && channels / HeadMap.AnchorsPerCell > 5));
}
