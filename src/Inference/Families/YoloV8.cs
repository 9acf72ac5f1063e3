using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOv8, v9, v11, v12 and others without anchors and objectness: [B, 4 + C, N], or its transpose, N the cells; centre and size in input pixels, then categories.
/// Behind them K mask coefficients where a second output [B, K, h, w] has prototypes, or the channels of keypoints.
/// </summary>
internal sealed class YoloV8 : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "yolov8";

    /// <inheritdoc/>
    public override string Title => "YOLOv8, v9, v11, v12, YOLO-World, YOLOv5u: detection, segmentation and pose.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        var metadata = ExportMetadata.Of(graph);
        // Of rotated boxes an upright one would be wrong; what classifies has no boxes.
        if (metadata.Task is "obb" or "classify" || Output(graph, probe) is not { } output)
            return null;
        var prototypes = Prototypes.Of(graph);
        var why = "";
        if (!output.ChannelsFirst && prototypes is null && !metadata.IsUltralytics)
        {
            (var kind, why) = DenseKinds.Of(graph, output, probe);
            if (kind != DenseKind.Categories)
                return null;
        }

        var keypoints = prototypes is null ? Keypoints(output, metadata, probe) : null;
        var categories = output.Channels - 4 - (prototypes?.Channels ?? 0) - (keypoints is { } points ? points.Count * points.Dimensions : 0);
        if (categories < 1)
            return null;

        var decoding = Decoding(output, categories, prototypes, keypoints);
        return new Recognition(YoloInput.Centred(output.Picture, metadata), decoding, categories, 0.25,
        [
            $"output {output.Name} {output.Shape} has {output.Channels} channels at {output.Locations} locations: the cells of strides {output.Pyramid.Text}",
            .. why.Length > 0 ? [why] : Array.Empty<string>(),
            $"channels are box and {categories} categories"
                + (prototypes is null ? "" : $", and {prototypes.Channels} coefficients of the masks in {prototypes.Name}")
                + (keypoints is null ? "" : $", and {keypoints.Value.Count} keypoints of {keypoints.Value.Dimensions} channels"),
            $"assumed: {YoloInput.Letterboxed(output.Picture)}; suppression above an overlap of 0.7, at most 300 detections",
        ])
        {
            Evidence = metadata.IsUltralytics ? Evidence.Metadata : why.Length > 0 ? Evidence.Names : Evidence.Shapes,
        };
    }

    /// <inheritdoc/>
    public override string? Shortfall(GraphDescription graph) => ExportMetadata.Of(graph).Task switch
    {
        "obb" => "the metadata say 'obb': rotated boxes are not served",
        "classify" => "the metadata say 'classify': a classifier finds no boxes",
        _ => DenseOutput.WrongLocations(graph, output => output.Shape is [_, > 5 and < 1000, > 1000] ? output.Shape[2] : null, perCell: 1),
    };

    /// <summary>The dense output; of two equal ones the second, which is the main head where YOLOv9 exports its auxiliary one too.</summary>
    private static DenseOutput? Output(GraphDescription graph, IGraphProbe probe) => DenseOutput.All(graph, probe) switch
    {
        [var only] => only,
        [var auxiliary, var main] when auxiliary.Channels == main.Channels && auxiliary.ChannelsFirst && main.ChannelsFirst => main,
        _ => null,
    };

    private static (int Count, int Dimensions)? Keypoints(DenseOutput output, ExportMetadata metadata, IGraphProbe probe)
    {
        if (metadata.Task is not null)
            return metadata.Task == "pose" ? metadata.Keypoints : null;
        if (!output.ChannelsFirst || (output.Channels - 5) % 3 != 0 || output.Channels < 8)
            return null;

        // Without metadata: one category, then pixels, which are no scores.
        var values = output.Probe(probe);
        return values.IsKnown && values.AreScores(4, 5) && !values.AreScores(5, 6) && !values.AreScores(6, 7) ? ((output.Channels - 5) / 3, 3) : null;
    }

    private static DecodingSpec Decoding(DenseOutput output, int categories, Prototypes? prototypes, (int Count, int Dimensions)? keypoints)
    {
        TensorPart Part(int from, int channels) => new() { Outputs = [output.Name], Axes = output.Axes, From = from, Channels = channels };
        return new DecodingSpec
        {
            Boxes = Part(0, 4),
            Scores = Part(4, categories),
            Code = BoxCode.Cxcywh,
            Nms = new NmsSpec { Iou = 0.7 },
            MaxDetections = 300,
            Masks = prototypes?.Masks(Part(4 + categories, prototypes.Channels)),
            Keypoints = keypoints is { } points
                ? new KeypointSpec
                {
                    Part = Part(4 + categories, points.Count * points.Dimensions),
                    Dimensions = points.Dimensions,
                    Names = points.Count == HumanKeypoints.Coco.Count ? HumanKeypoints.Coco : [],
                }
                : null,
        };
    }
}
