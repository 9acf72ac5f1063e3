using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOv5 and YOLOv7 as their last convolutions leave them: three or four outputs [B, 3, H, W, 5 + C], or [B, 3 (5 + C), H, W], of raw values.
/// </summary>
internal sealed class YoloV5Heads : ModelFamily
{
    private const int AnchorsPerCell = 3;

    /// <inheritdoc/>
    public override string Name => "yolov5-heads";

    /// <inheritdoc/>
    public override string Title => "YOLOv5 and YOLOv7, raw heads with anchors left to decode.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { } picture || !graph.Outputs.All(output => IsHead(output)) || graph.Outputs.Count is not (3 or 4))
            return null;
        var metadata = ExportMetadata.Of(graph);
        var (width, height) = YoloInput.Size(picture, metadata);
        var heads = graph.Outputs.Select(output => Head.Of(output, probe, width, height)).ToList();
        if (heads.Any(head => head is null) || heads.DistinctBy(head => (head!.Channels, head.Axes)).Count() != 1)
            return null;
        heads.Sort((a, b) => b!.Columns.CompareTo(a!.Columns));
        var categories = heads[0]!.Channels - 5;
        double[] strides = [.. heads.Select(head => (double)width / head!.Columns)];
        if (categories < 1 || !heads.All(head => head!.Fits(width, height)))
            return null;

        string[] names = [.. heads.Select(head => head!.Name)];
        var axes = heads[0]!.Axes;
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
            $"assumed: {YoloInput.Letterboxed}; suppression above an overlap of 0.45",
        ]);
    }

    /// <inheritdoc/>
    public override string? Shortfall(GraphDescription graph)
        => graph.Outputs.Count(output => IsHead(output)) is var heads and > 0 && graph.Outputs.Count is not (3 or 4)
            ? $"{heads} of {graph.Outputs.Count} outputs are maps of three anchors; three or four are expected, and no others"
            : null;

    private static bool IsHead(GraphTensor output)
        => output.Type is TensorElementType.Float or TensorElementType.Float16
            && output.Shape is [_, AnchorsPerCell, _, _, > 5 or -1] or [_, > 0, _, _]
            && (output.Shape is not [_, var channels, _, _] || (channels % AnchorsPerCell == 0 && channels / AnchorsPerCell > 5));

    private sealed record Head(string Name, string Axes, int Channels, int Columns, int Rows)
    {
        public static Head? Of(GraphTensor output, IGraphProbe probe, int width, int height)
        {
            var shape = output.Shape!.Skip(1).All(side => side > 0) ? output.Shape! : probe.Run(1, width, height, 1).Outputs[output.Name].Shape;
            return shape switch
            {
                [_, AnchorsPerCell, var rows, var columns, var channels] => new Head(output.Name, "bayxc", channels, columns, rows),
                [_, var channels, var rows, var columns] => new Head(output.Name, "bkyx", channels / AnchorsPerCell, columns, rows),
                _ => null,
            };
        }

        public bool Fits(int width, int height)
        {
            var stride = (double)width / Columns;
            return stride is >= 4 and <= 128 && double.IsInteger(stride) && Rows == (int)Math.Ceiling(height / stride);
        }
    }
}
