using Serve.Inference.Models;
using Serve.Inference.Onnx;

namespace Serve.Inference.Families;

/// <summary>How the YOLO line feeds pictures, and the size of an input whose sides the graph leaves open.</summary>
internal static class YoloInput
{
    /// <summary>Side of an input where neither graph nor metadata tell it.</summary>
    public const int DefaultSide = 640;

    private const double Grey = 114;

    /// <summary>How <see cref="Centred"/> feeds pictures, in words.</summary>
    public static string Letterboxed(PictureTensor picture)
        => $"letterbox in the centre on grey 114, bilinear, RGB, {(picture.Type == PixelType.Uint8 ? "bytes as they are" : "0..1")}";

    /// <summary>Width and height of the input.</summary>
    public static (int Width, int Height) Size(PictureTensor picture, ExportMetadata metadata)
        => (picture.Width ?? metadata.Width ?? DefaultSide, picture.Height ?? metadata.Height ?? DefaultSide);

    /// <summary>Letterbox in the centre on grey, bilinear, RGB 0..1, as YOLOv5 to v11, v6, v7 and NAS are run.</summary>
    public static InputSpec Centred(PictureTensor picture, ExportMetadata metadata)
    {
        var (width, height) = Size(picture, metadata);
        return picture.Unit(width, height) with
        {
            Resize = ResizeRule.LetterboxCentre,
            OneFactor = true,
            PadValue = Grey,
            SizeMultiple = metadata.Stride ?? 32,
        };
    }

    /// <summary>Letterbox at the top left on grey, sides rounded down, bilinear, BGR 0..255, as YOLOX is run.</summary>
    public static InputSpec TopLeft(PictureTensor picture, ExportMetadata metadata)
    {
        var (width, height) = Size(picture, metadata);
        return picture.Plain(width, height) with
        {
            Resize = ResizeRule.LetterboxTopLeft,
            OneFactor = true,
            Rounding = SizeRounding.Down,
            PadValue = Grey,
            ChannelOrder = "bgr",
            SizeMultiple = 32,
        };
    }

    /// <summary>The only input, when it takes pictures; null otherwise.</summary>
    public static PictureTensor? Only(GraphDescription graph) => graph.Inputs.Count == 1 ? PictureTensor.Of(graph) : null;
}
