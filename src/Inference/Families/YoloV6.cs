using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>YOLOv6: [B, N, 5 + C], one row a cell; centre and size in input pixels, an objectness that is always one, categories.</summary>
internal sealed class YoloV6 : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "yolov6";

    /// <inheritdoc/>
    public override string Title => "YOLOv6, boxes decoded inside.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (DenseOutput.All(graph, probe) is not [{ ChannelsFirst: false } output] || graph.Outputs.Count != 1)
            return null;
        var (kind, why) = DenseKinds.Of(graph, output, probe);
        if (kind != DenseKind.ConstantObjectness)
            return null;
        var categories = output.Channels - 5;
        string[] names = [output.Name];
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = names, Channels = 4 },
            Scores = new TensorPart { Outputs = names, From = 5, Channels = categories },
            Code = BoxCode.Cxcywh,
            Nms = new NmsSpec { Iou = 0.45 },
        };
        return new Recognition(YoloInput.Centred(output.Picture, ExportMetadata.Of(graph)), decoding, categories, 0.4,
        [
            $"output {output.Name} {output.Shape} has {output.Locations} rows: one a cell of strides {output.Pyramid.Text}",
            why,
            $"assumed: {YoloInput.Letterboxed(output.Picture)}; suppression above an overlap of 0.45",
        ])
        {
            Evidence = Evidence.Names,
        };
    }
}
