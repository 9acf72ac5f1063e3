using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOv10, YOLO26 and exports with suppression inside: [B, D, 6] left, top, right, bottom in input pixels, score, category; rows that are not used have a low
/// score. Behind them mask coefficients or keypoints.
/// </summary>
internal sealed class YoloEndToEnd : ModelFamily
{
    private const int MostRows = 1000;

    /// <inheritdoc/>
    public override string Name => "yolo-end-to-end";

    /// <inheritdoc/>
    public override string Title => "YOLOv10, YOLO26 and other YOLO exports with nothing left to suppress: detection, segmentation and pose.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        var metadata = ExportMetadata.Of(graph);
        if (YoloInput.Only(graph) is not { } picture || metadata.Task is "obb" or "classify" || RtDetrRows.Tells(graph))
            return null;
        var prototypes = Prototypes.Of(graph);
        if (graph.Outputs.Where(output => output.Name != prototypes?.Name).ToList() is not [var output] || !IsRows(output))
            return null;

        // As many rows as there are cells, or three of each, are the rows of a small input that are yet to be suppressed.
        var (width, height) = YoloInput.Size(picture, metadata);
        var rows = output.Shape![1];
        if (Pyramid.Of(rows, width, height) is not null || Pyramid.Of(rows, width, height, perCell: 3) is not null)
            return null;

        var channels = output.Shape[2];
        var keypoints = prototypes is null && metadata.Task == "pose" ? metadata.Keypoints : null;
        var more = prototypes?.Channels ?? (keypoints is { } points ? points.Count * points.Dimensions : 0);
        if (channels != 6 + more)
            return null;

        TensorPart Part(int from, int count) => new() { Outputs = [output.Name], From = from, Channels = count };
        var decoding = new DecodingSpec
        {
            Boxes = Part(0, 4),
            Scores = Part(4, 1),
            Labels = Part(5, 1),
            Masks = prototypes?.Masks(Part(6, prototypes.Channels)),
            Keypoints = keypoints is { } of
                ? new KeypointSpec { Part = Part(6, of.Count * of.Dimensions), Dimensions = of.Dimensions, Names = of.Count == HumanKeypoints.Coco.Count ? HumanKeypoints.Coco : [] }
                : null,
        };
        return new Recognition(YoloInput.Centred(picture, metadata), decoding, metadata.Names, 0.25,
        [
            $"output {output.Name} {output.ShapeText} holds rows of box, score and category{(more == 0 ? "" : $" and {more} channels more")}: nothing is left to suppress",
            .. metadata.EndToEnd == true ? ["the metadata say so too"] : Array.Empty<string>(),
            $"assumed: {YoloInput.Letterboxed(picture)}",
        ])
        {
            Evidence = metadata.IsUltralytics ? Evidence.Metadata : Evidence.Shapes,
        };
    }

    private static bool IsRows(GraphTensor output)
        => output.Type is TensorElementType.Float or TensorElementType.Float16 && output.Shape is [_, > 0 and <= MostRows, >= 6];
}
