using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// Detectors of PaddleDetection with their post-processing: inputs image, scale_factor (scaled / original, height first) and for some im_shape (scaled size,
/// height first); outputs rows [N, 6] (label, score, corners in pixels of the original) of all pictures and the number of rows of each picture.
/// </summary>
/// <remarks>
/// Pictures are RGB 0..1, scaled with OpenCV's cubic filter, stretched, except for those of the R-CNN kind. PP-YOLOE+ and RT-DETR take them so; PP-YOLO,
/// YOLOv3, PicoDet and R-CNN less ImageNet's mean, by its deviation.
/// </remarks>
internal sealed class PaddleDetection : ModelFamily
{
    /// <inheritdoc/>
    public override string Name => "paddle";

    /// <inheritdoc/>
    public override string Title => "PaddleDetection, end to end: PP-YOLOE, PP-YOLO, YOLOv3, PicoDet, RT-DETR, Faster R-CNN.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (graph.Input("scale_factor") is not { } factor || !factor.Fits(-1, 2) || PictureTensor.Of(graph) is not { } picture)
            return null;
        var rows = graph.Outputs.FirstOrDefault(output => output.Shape is [_, 6 or -1]);
        if (rows is null)
            return null;

        var count = graph.Outputs.FirstOrDefault(output => output != rows && output.Shape is [_]);
        var size = graph.Input("im_shape");
        var (input, why) = Input(graph, picture, hasSize: size is not null);
        input = input with
        {
            // The rows of all pictures are one list.
            MaxBatch = 1,
            Extra =
            [
                new ExtraInput { Name = factor.Name, Value = ExtraValue.ScaleFactor, Order = "hw" },
                .. size is null ? Array.Empty<ExtraInput>() : [new ExtraInput { Name = size.Name, Value = ExtraValue.ResizedSize, Order = "hw" }],
            ],
        };
        var decoding = new DecodingSpec
        {
            Boxes = Channels(rows, 2, 4),
            Scores = Channels(rows, 1, 1),
            Labels = Channels(rows, 0, 1),
            Count = count is null ? null : new TensorPart { Outputs = [count.Name], Axes = "b" },
            Units = BoxUnits.Original,
        };
        return new Recognition(input, decoding, null, 0.5,
        [
            $"inputs are a picture, scale_factor{(size is null ? "" : " and im_shape")}; output {rows.Name} {rows.ShapeText} has label, score and corners",
            why,
        ])
        {
            Evidence = Evidence.Names,
        };
    }

    private static TensorPart Channels(GraphTensor rows, int from, int count) => new() { Outputs = [rows.Name], Axes = "nc", From = from, Channels = count };

    private static (InputSpec Input, string Why) Input(GraphDescription graph, PictureTensor picture, bool hasSize)
    {
        if (graph.Uses("RoiAlign"))
        {
            return (picture.ImageNet(1333, 800) with
            {
                Resize = picture.IsFixed ? ResizeRule.LetterboxTopLeft : ResizeRule.ShortestSide,
                Filter = ResizeFilter.Bicubic,
                SizeMultiple = 32,
                PadAfterNormalising = true,
            }, "RoiAlign tells of R-CNN: shorter side 800, cubic, less ImageNet's mean by its deviation");
        }

        if (graph.Uses("HardSwish"))
            return (Stretched(picture.ImageNet(416, 416)), "HardSwish tells of PicoDet: stretched, cubic, less ImageNet's mean by its deviation");
        if (!hasSize)
            return (Stretched(picture.Unit(640, 640)), "no im_shape and no HardSwish: PP-YOLOE+, stretched, cubic, values 0..1");
        return graph.Uses("GridSample")
            ? (Stretched(picture.Unit(640, 640)), "GridSample tells of RT-DETR: stretched, cubic, values 0..1")
            : (Stretched(picture.ImageNet(608, 608)), "as PP-YOLO and YOLOv3 are run: stretched, cubic, less ImageNet's mean by its deviation");
    }

    private static InputSpec Stretched(InputSpec input) => input with { Resize = ResizeRule.Stretch, Filter = ResizeFilter.Bicubic };
}
