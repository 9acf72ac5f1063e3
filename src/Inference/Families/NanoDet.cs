using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// NanoDet and NanoDet-Plus: categories and distributions of four distances, in one output [B, cells, C + 4 x bins] or in pairs a stride. NanoDet has three strides,
/// places in the middle of cells and a letterbox; NanoDet-Plus four strides, places at the corner of cells and stretches.
/// </summary>
internal sealed class NanoDet : ModelFamily
{
    private const double Overlap = 0.6;
    private static readonly double[] Mean = [103.53, 116.28, 123.675];
    private static readonly double[] Std = [57.375, 57.12, 58.395];

    /// <inheritdoc/>
    public override string Name => "nanodet";

    /// <inheritdoc/>
    public override string Title => "NanoDet and NanoDet-Plus, distances as distributions.";

    /// <summary>True when the outputs are named as NanoDet's exporter names levels.</summary>
    public static bool NamesLevels(GraphDescription graph) => graph.Outputs.All(output => output.Name.Contains("pred_stride_", StringComparison.Ordinal));

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
        => DistributionLevels.Of(graph, probe) is { } levels ? InLevels(graph, levels, probe) : Joined(graph, probe);

    private static Recognition? InLevels(GraphDescription graph, DistributionLevels levels, IGraphProbe probe)
    {
        if (!NamesLevels(graph) && (levels.Pyramid.Strides.Count != 3 || PicoDet.IsFromPaddle(graph)))
            return null;
        var isPlus = levels.Pyramid.Strides.Count == 4;
        var (input, assumed) = Input(graph, isPlus);
        return new Recognition(input, levels.Decoding(probe, input.Width, input.Height, Offset(isPlus)), levels.Categories, 0.35,
        [
            $"outputs are pairs for strides {levels.Pyramid.Text}: {levels.Categories} categories, and distributions of four distances over {levels.Bins} bins",
            assumed,
        ])
        {
            Evidence = NamesLevels(graph) ? Evidence.Names : Evidence.Shapes,
        };
    }

    private static Recognition? Joined(GraphDescription graph, IGraphProbe probe)
    {
        if (DenseOutput.All(graph, probe) is not [{ ChannelsFirst: false } output] || graph.Outputs.Count != 1)
            return null;
        var (kind, why) = DenseKinds.Of(graph, output, probe);
        if (kind != DenseKind.Distribution || DenseKinds.Categories(output, output.Probe(probe), ExportMetadata.Of(graph).Names) is not { } categories)
            return null;
        var isPlus = output.Pyramid.Strides.Count == 4;
        var (input, assumed) = Input(graph, isPlus);
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [output.Name], From = categories },
            Scores = new TensorPart { Outputs = [output.Name], Channels = categories },
            Code = BoxCode.Distribution,
            Units = BoxUnits.Stride,
            Grid = new GridSpec { Strides = output.Pyramid.Strides, Offset = Offset(isPlus) },
            Nms = new NmsSpec { Iou = Overlap },
        };
        return new Recognition(input, decoding, categories, 0.35,
            [$"output {output.Name} {output.Shape} has {output.Locations} rows: one a cell of strides {output.Pyramid.Text}", why, assumed])
        {
            Evidence = Evidence.Names,
        };
    }

    private static double Offset(bool isPlus) => isPlus ? 0 : 0.5;

    private static (InputSpec Input, string Assumed) Input(GraphDescription graph, bool isPlus)
    {
        var picture = PictureTensor.Of(graph)!;
        var (width, height) = YoloInput.Size(picture, ExportMetadata.Of(graph));
        var input = picture.Plain(width, height) with
        {
            ChannelOrder = "bgr",
            Mean = picture.Type == PixelType.Uint8 ? [0, 0, 0] : Mean,
            Std = picture.Type == PixelType.Uint8 ? [1, 1, 1] : Std,
            Resize = isPlus ? ResizeRule.Stretch : ResizeRule.LetterboxCentre,
        };
        return (input, $"assumed: NanoDet{(isPlus ? "-Plus: stretched, places at the corner of cells" : ": letterbox in the centre on black, places in the middle of cells")}; "
            + "bilinear, BGR less ImageNet's mean, by its deviation; suppression above an overlap of 0.6");
    }
}
