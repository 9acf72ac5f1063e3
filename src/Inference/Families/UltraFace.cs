using Serve.Inference.Decoding;
using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>
/// UltraFace ("Ultra-Light-Fast-Generic-Face-Detector"): scores [B, N, 2] (background, face) and boxes [B, N, 4], decoded to fractions of the sides or left as
/// SSD's deltas. Stretched, bilinear, (v - 127) / 128, RGB.
/// </summary>
internal sealed class UltraFace : ModelFamily
{
    private static readonly int[] Strides = [8, 16, 32, 64];
    private static readonly int[][] MinimalSizes = [[10, 16, 24], [32, 48], [64, 96], [128, 192, 256]];

    /// <inheritdoc/>
    public override string Name => "ultraface";

    /// <inheritdoc/>
    public override string Title => "UltraFace, slim and RFB: faces.";

    /// <summary>True when the number of locations is that of this network at its input's size, and there are two classes.</summary>
    public static bool Recognises(PictureTensor picture, GraphTensor scores)
        => picture.IsFixed && scores.Side(-1) == 2 && scores.Side(-2) == Locations(picture.Width!.Value, picture.Height!.Value);

    /// <inheritdoc/>
    public override Recognition? Recognise(GraphDescription graph, IGraphProbe probe)
    {
        if (PictureTensor.Of(graph) is not { } picture || SsdOutputs.Of(graph) is not { Landmarks: null } outputs || !Recognises(picture, outputs.Scores))
            return null;

        var (width, height) = (picture.Width!.Value, picture.Height!.Value);
        var input = picture.Plain(width, height) with { Resize = ResizeRule.Stretch, Mean = [127, 127, 127], Std = [128, 128, 128] };
        var decoded = SsdOutputs.AreCorners(probe.Run(1, width, height, 1).Outputs[outputs.Boxes.Name].Values);
        var decoding = new DecodingSpec
        {
            Boxes = new TensorPart { Outputs = [outputs.Boxes.Name] },
            Scores = new TensorPart { Outputs = [outputs.Scores.Name] },
            Code = decoded ? BoxCode.Xyxy : BoxCode.Deltas,
            Units = decoded ? BoxUnits.InputNormalised : BoxUnits.Input,
            Variances = decoded ? [1, 1] : [0.1, 0.2],
            Grid = decoded ? null : Grid(width, height),
            Background = 0,
            Nms = new NmsSpec { Iou = 0.3 },
        };
        return new Recognition(input, decoding, 1, 0.7,
        [
            $"{outputs.Scores.Side(-2)} locations of 2 classes are UltraFace's at {width} x {height}",
            decoded ? "in a run on noise boxes are corners: they are decoded inside" : "in a run on noise boxes are no corners: they are deltas to anchors",
            "stretched, bilinear, RGB, (v - 127) / 128",
        ])
        {
            Evidence = Evidence.Names,
            Names = ["face"],
        };
    }

    private static int Cells(int side, int stride) => (side + stride - 1) / stride;

    private static int Locations(int width, int height)
        => Strides.Zip(MinimalSizes, (stride, sizes) => Cells(width, stride) * Cells(height, stride) * sizes.Length).Sum();

    // Sides of anchors end at those of the input, which is not the same as cutting the anchors there.
    private static GridSpec Grid(int width, int height) => new()
    {
        Strides = [.. Strides],
        Maps = [.. Strides.Select(stride => (IReadOnlyList<int>)[Cells(width, stride), Cells(height, stride)])],
        Anchors =
        [
            .. MinimalSizes.Select(sizes => (IReadOnlyList<IReadOnlyList<double>>)
                [.. sizes.Select(size => (IReadOnlyList<double>)[Math.Min(size, width), Math.Min(size, height)])]),
        ],
    };
}
