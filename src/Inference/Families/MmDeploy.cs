using Microsoft.ML.OnnxRuntime.Tensors;
using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// Detectors of MMDetection exported with MMDeploy, suppression inside: dets [B, N, 5] (corners in input pixels and score), labels int64 [B, N] from 0, for
/// instance segmentation masks [B, N, h, w], over the boxes or the input. N differs from picture to picture; what is left over is zero.
/// </summary>
/// <remarks>
/// RTMDet: BGR less the mean colour by its deviation, letterbox at the top left, filled with 114. YOLOX: BGR 0..255, likewise filled. Others (RetinaNet, Faster
/// R-CNN): RGB less ImageNet's mean by its deviation, shorter side 800.
/// </remarks>
internal sealed class MmDeploy : ModelFamily
{
    private const int PadGrey = 114;
    private static readonly double[] MeanRgb = [123.675, 116.28, 103.53];
    private static readonly double[] StdRgb = [58.395, 57.12, 57.375];
    private static readonly double[] MeanBgr = [103.53, 116.28, 123.675];
    private static readonly double[] StdBgr = [57.375, 57.12, 58.395];

    /// <inheritdoc/>
    public override string Name => "mmdeploy";

    /// <inheritdoc/>
    public override string Title => "MMDetection by MMDeploy: RTMDet, YOLOX, RetinaNet, Faster and Mask R-CNN.";

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (PictureTensor.Of(graph) is not { } picture
            || graph.Output("dets") is not { } dets || !dets.Fits(-1, -1, 5)
            || graph.Output("labels") is not { } labels || !labels.Fits(-1, -1) || labels.Type is not (TensorElementType.Int64 or TensorElementType.Int32))
        {
            return null;
        }

        var masks = graph.Output("masks");
        var (input, fed) = Input(graph, picture);
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [dets.Name], Channels = 4 },
            Scores = new TensorPart { Outputs = [dets.Name], From = 4, Channels = 1 },
            Labels = new TensorPart { Outputs = [labels.Name], Axes = "bn" },
            Masks = masks is null ? null : Masks(masks),
        };
        return new Recognition(input, decoding, (int?)graph.Weight("rtm_cls.0.weight")?[0], 0.3,
        [
            $"outputs dets {dets.ShapeText} and labels {labels.ShapeText} are MMDeploy's",
            fed,
            picture.IsFixed ? $"size {picture.Width} x {picture.Height}" : $"sides are dynamic: {input.Width} x {input.Height} is assumed, and multiples of 32",
        ])
        {
            Evidence = Evidence.Names,
        };
    }

    private static (InputSpec Input, string Why) Input(GraphDescription graph, PictureTensor picture)
    {
        if (graph.Mentions("rtm_cls", "rtm_reg"))
        {
            // Only the smallest, whose heads have 64 channels, is trained on small pictures.
            var side = graph.Weight("rtm_cls.0.weight") is [_, 64, ..] ? 320 : 640;
            return (Letterbox(picture.Plain(side, side)) with { Mean = MeanBgr, Std = StdBgr },
                "names of layers tell of RTMDet: BGR less the mean colour by its deviation, letterbox at the top left, 114");
        }

        if (graph.Mentions("multi_level_conv_obj", "multi_level_cls_convs"))
            return (Letterbox(picture.Plain(640, 640)), "names of layers tell of YOLOX: BGR, 0..255, letterbox at the top left, 114");
        return (picture.Plain(1333, 800) with
        {
            Resize = picture.IsFixed ? ResizeRule.LetterboxTopLeft : ResizeRule.ShortestSide,
            SizeMultiple = 32,
            PadAfterNormalising = true,
            Mean = MeanRgb,
            Std = StdRgb,
        }, "nothing tells of RTMDet or YOLOX: RGB less ImageNet's mean by its deviation, shorter side 800, as MMDetection runs most");
    }

    private static InputSpec Letterbox(InputSpec input) => input with
    {
        Resize = ResizeRule.LetterboxTopLeft,
        OneFactor = true,
        Rounding = SizeRounding.Down,
        PadValue = PadGrey,
        ChannelOrder = "bgr",
    };

    private static MaskSpec Masks(GraphTensor masks) => new()
    {
        // Heads of the R-CNN kind give small squares; those of RTMDet-Ins masks over the whole input.
        Frame = masks.Side(-1) is <= 56 ? MaskFrame.Box : MaskFrame.Input,
        Output = masks.Name,
        Axes = "bnyx",
        Threshold = 0.5,
    };
}
