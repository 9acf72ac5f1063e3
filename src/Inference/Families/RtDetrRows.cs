using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// RT-DETR as Ultralytics exports it: rows [B, Q, 4 + C] of the queries, centre and size as fractions of the input, then a score a category, sigmoids applied.
/// </summary>
internal sealed class RtDetrRows : ModelFamily
{
    private const int DefaultSide = 640;
    private const int MostQueries = 1000;
    private const int BestRows = 300;

    /// <inheritdoc/>
    public override string Name => "rt-detr-rows";

    /// <inheritdoc/>
    public override string Title => "RT-DETR as Ultralytics exports it: boxes and scores in one output.";

    /// <summary>True when names of layers, or the metadata, tell of this decoder.</summary>
    public static bool Tells(GraphDescription graph)
        => graph.Mentions("dec_score_head", "dec_bbox_head", "enc_score_head")
            || (graph.Metadata.TryGetValue("description", out var description) && description.Contains("rtdetr", StringComparison.OrdinalIgnoreCase));

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (YoloInput.Only(graph) is not { } picture || !Tells(graph) || graph.Outputs is not [{ Shape: [_, var queries and <= MostQueries, > 4 and var channels] } output]
            || output.Type is not (TensorElementType.Float or TensorElementType.Float16))
        {
            return null;
        }

        var metadata = ExportMetadata.Of(graph);
        var input = picture.Unit(metadata.Width ?? DefaultSide, metadata.Height ?? DefaultSide) with { Resize = ResizeRule.Stretch };
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [output.Name], Channels = 4 },
            Scores = new TensorPart { Outputs = [output.Name], From = 4, Channels = channels - 4 },
            Code = BoxCode.Cxcywh,
            Units = BoxUnits.InputNormalised,
            MaxDetections = BestRows,
        };
        return new Recognition(input, decoding, channels - 4, 0.25,
        [
            $"output {output.Name} {output.ShapeText} holds {(queries < 0 ? "rows" : $"{queries} rows")} of box and {channels - 4} categories",
            "names of layers or the metadata tell of RT-DETR's decoder: centre and size as fractions, nothing left to suppress",
            "stretched, bilinear, RGB, 0..1",
        ])
        {
            Evidence = Evidence.Metadata,
        };
    }
}
