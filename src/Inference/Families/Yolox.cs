using Serve.Inference.Decoding;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// YOLOX: [B, N, 5 + C], one row a cell: box, objectness, categories. The box is offset and log size in strides, or, where the graph decodes it, centre and size in
/// input pixels: a probe run tells which.
/// </summary>
internal sealed class Yolox : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "yolox";

    /// <inheritdoc/>
    public override string Title => "YOLOX, with the grid left to decode or decoded inside.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (DenseOutput.All(graph, probe) is not [{ ChannelsFirst: false } output] || graph.Outputs.Count != 1)
            return null;
        var (kind, why) = DenseKinds.Of(graph, output, probe);
        if (kind is not (DenseKind.Objectness or DenseKind.RawObjectness))
            return null;
        var isRaw = kind == DenseKind.RawObjectness;
        var categories = output.Channels - 5;
        string[] names = [output.Name];
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = names, Channels = 4 },
            Objectness = new TensorPart { Outputs = names, From = 4, Channels = 1 },
            Scores = new TensorPart { Outputs = names, From = 5, Channels = categories },
            Code = isRaw ? BoxCode.GridExp : BoxCode.Cxcywh,
            Grid = isRaw ? new GridSpec { Strides = output.Pyramid.Strides, Offset = 0 } : null,
            Score = ScoreRule.ObjectnessTimesCategory,
            Nms = new NmsSpec { Iou = 0.45 },
        };
        return new Recognition(YoloInput.TopLeft(output.Picture, ExportMetadata.Of(graph)), decoding, categories, 0.3,
        [
            $"output {output.Name} {output.Shape} has {output.Locations} rows: one a cell of strides {output.Pyramid.Text}",
            why,
            "assumed: letterbox at the top left on grey 114, bilinear, BGR, 0..255; suppression above an overlap of 0.45",
        ])
        {
            Evidence = Evidence.Names,
        };
    }
}
