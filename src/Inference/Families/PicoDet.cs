using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// PicoDet without post-processing: for each of four strides categories [B, cells, C] and distributions of four distances [B, cells, 4 x bins]; places in the middle
/// of their cells.
/// </summary>
internal sealed class PicoDet : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "picodet";

    /// <inheritdoc/>
    public override string Title => "PicoDet (PaddleDetection) without post-processing.";

    /// <summary>True for graphs that were converted from Paddle, by what wrote them and how it names outputs.</summary>
    public static bool IsFromPaddle(GraphDescription graph)
        => graph.Producer.StartsWith("PaddlePaddle", StringComparison.OrdinalIgnoreCase)
            || graph.Outputs.All(output => output.Name.Contains(".tmp_", StringComparison.Ordinal) || output.Name.StartsWith("save_infer_model", StringComparison.Ordinal));

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (DistributionLevels.Of(graph, probe) is not { } levels || NanoDet.NamesLevels(graph) || (levels.Pyramid.Strides.Count != 4 && !IsFromPaddle(graph)))
            return null;
        var picture = PictureTensor.Of(graph)!;
        var (width, height) = YoloInput.Size(picture, ExportMetadata.Of(graph));
        var input = picture.ImageNet(width, height) with { Resize = ResizeRule.Stretch, Filter = ResizeFilter.Bicubic };
        return new Recognition(input, levels.Decoding(probe, width, height, offset: 0.5), levels.Categories, 0.4,
        [
            $"outputs are pairs for strides {levels.Pyramid.Text}: {levels.Categories} categories, and distributions of four distances over {levels.Bins} bins",
            .. IsFromPaddle(graph) ? ["converted from Paddle"] : Array.Empty<string>(),
            "assumed: stretched, bicubic, RGB, ImageNet's mean and deviation; places in the middle of cells; suppression above an overlap of 0.6",
        ])
        {
            Evidence = IsFromPaddle(graph) ? Evidence.Names : Evidence.Shapes,
        };
    }
}
