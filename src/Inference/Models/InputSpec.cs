using System.Text.Json.Serialization;
using Serve.Inference.Wire;

namespace Serve.Inference.Models;

/// <summary>How a picture becomes a model's input tensor. In JSON: <c>letterbox-top-left</c>, <c>letterbox-centre</c>, <c>stretch</c>, ...</summary>
[JsonConverter(typeof(KebabCaseConverter<ResizeRule>))]
public enum ResizeRule
{
    /// <summary>Scale to fit inside Width x Height keeping the aspect, put in the top-left corner, fill the rest with PadValue.</summary>
    LetterboxTopLeft,

    /// <summary>Scale to fit inside Width x Height keeping the aspect, centre, fill the rest with PadValue.</summary>
    LetterboxCentre,

    /// <summary>Scale to exactly Width x Height.</summary>
    Stretch,

    /// <summary>
    /// Scale, keeping the aspect, until the shorter side has min(Width, Height) pixels, or less where the longer one would exceed max(Width, Height).
    /// The tensor is as large as the scaled picture, rounded up to SizeMultiple at the right and bottom. For graphs with dynamic sides.
    /// </summary>
    ShortestSide,

    /// <summary>
    /// The picture as it is, scaled down only where it would not fit inside Width x Height. The tensor is as large as the picture, rounded up to
    /// SizeMultiple at the right and bottom. For graphs with dynamic sides that resize inside.
    /// </summary>
    Keep,
}

/// <summary>Which source pixels a resized pixel is made of. In JSON: <c>antialias</c>, <c>bilinear</c>, ...</summary>
[JsonConverter(typeof(KebabCaseConverter<ResizeFilter>))]
public enum ResizeFilter
{
    /// <summary>Bilinear, averaging the area when shrinking: Pillow's and torchvision's bilinear with antialias. What our own models are trained with.</summary>
    Antialias,

    /// <summary>Bilinear between the four nearest pixels, also when shrinking: OpenCV's INTER_LINEAR, half-pixel centres.</summary>
    Bilinear,

    /// <summary>Cubic between the sixteen nearest pixels (a = -0.75), also when shrinking: OpenCV's INTER_CUBIC.</summary>
    Bicubic,

    /// <summary>The mean of the covered area when shrinking: OpenCV's INTER_AREA; bilinear when enlarging.</summary>
    Area,

    /// <summary>The pixel at floor(i * source / target): OpenCV's INTER_NEAREST.</summary>
    Nearest,

    /// <summary>As <see cref="Antialias"/>, but to the last bit as Pillow does it: rounded to 8 bits after the columns and again after the rows.</summary>
    PillowBilinear,

    /// <summary>Pillow's cubic (a = -0.5), which averages the area when shrinking, to the last bit.</summary>
    PillowBicubic,
}

/// <summary>How the sides of a scaled picture become whole pixels. In JSON: <c>nearest</c>, <c>down</c>.</summary>
[JsonConverter(typeof(KebabCaseConverter<SizeRounding>))]
public enum SizeRounding
{
    /// <summary>To the nearest whole number, halves to even.</summary>
    Nearest,

    /// <summary>Down, as <c>int(w * r)</c> does.</summary>
    Down,
}

/// <summary>The order of a tensor's dimensions. In JSON: <c>nchw</c>, <c>nhwc</c>, <c>chw</c>, <c>hwc</c>; the last two have no batch.</summary>
[JsonConverter(typeof(KebabCaseConverter<TensorLayout>))]
public enum TensorLayout
{
    /// <summary>[B, 3, Height, Width]</summary>
    Nchw,

    /// <summary>[B, Height, Width, 3]</summary>
    Nhwc,

    /// <summary>[3, Height, Width]: one picture a run.</summary>
    Chw,

    /// <summary>[Height, Width, 3]: one picture a run.</summary>
    Hwc,
}

/// <summary>The element type of the picture's tensor. In JSON: <c>float32</c>, <c>float16</c>, <c>uint8</c>.</summary>
[JsonConverter(typeof(KebabCaseConverter<PixelType>))]
public enum PixelType
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16-bit floating point.</summary>
    Float16,

    /// <summary>Bytes: 0..255 as they are; scale, mean and std have to be left at their defaults.</summary>
    Uint8,
}

/// <summary>What a further input of a graph is fed with. In JSON: <c>input-size</c>, <c>original-size</c>, ...</summary>
[JsonConverter(typeof(KebabCaseConverter<ExtraValue>))]
public enum ExtraValue
{
    /// <summary>Width and height of the input tensor.</summary>
    InputSize,

    /// <summary>Width and height of the original picture: the model answers in its pixels.</summary>
    OriginalSize,

    /// <summary>Width and height of the scaled picture, without padding.</summary>
    ResizedSize,

    /// <summary>Scaled size / original size, per axis.</summary>
    ScaleFactor,

    /// <summary>The numbers of <see cref="ExtraInput.Numbers"/>.</summary>
    Constant,
}

/// <summary>A further input of a graph, one row a picture. Its element type and its number of dimensions are the graph's.</summary>
public sealed record ExtraInput
{
    /// <summary>Name of the graph's input.</summary>
    public required string Name { get; init; }

    /// <summary>What it is fed with.</summary>
    public required ExtraValue Value { get; init; }

    /// <summary><c>wh</c> or <c>hw</c>: the order of sizes and factors.</summary>
    public string Order { get; init; } = "wh";

    /// <summary>The row, for <see cref="ExtraValue.Constant"/>; a single number fills a row of any shape.</summary>
    public IReadOnlyList<double> Numbers { get; init; } = [];
}

/// <summary>A model's input.</summary>
public sealed record InputSpec
{
    /// <summary>Name of the graph's input.</summary>
    public string Name { get; init; } = "images";

    /// <summary>Width of the input tensor in pixels; for <see cref="ResizeRule.ShortestSide"/> and <see cref="ResizeRule.Keep"/> a limit.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the input tensor in pixels; for <see cref="ResizeRule.ShortestSide"/> and <see cref="ResizeRule.Keep"/> a limit.</summary>
    public required int Height { get; init; }

    /// <summary>How pictures are brought to that size.</summary>
    public ResizeRule Resize { get; init; } = ResizeRule.LetterboxTopLeft;

    /// <summary>Which pixels a resized pixel is made of.</summary>
    public ResizeFilter Filter { get; init; } = ResizeFilter.Antialias;

    /// <summary>How the sides of the scaled picture are rounded.</summary>
    public SizeRounding Rounding { get; init; } = SizeRounding.Nearest;

    /// <summary>
    /// Boxes are mapped back by the one factor that both sides were to be scaled by, before they were rounded, as the authors of most detectors with a letterbox do;
    /// else by the factor of each side, which is nearer to the truth.
    /// </summary>
    public bool OneFactor { get; init; }

    /// <summary>Sides of a tensor of dynamic size are rounded up to a multiple of this.</summary>
    public int SizeMultiple { get; init; } = 1;

    /// <summary>Value of padded pixels, 0..255, before scale and mean.</summary>
    public double PadValue { get; init; }

    /// <summary>Padded pixels are zero after scale and mean, whatever <see cref="PadValue"/> says.</summary>
    public bool PadAfterNormalising { get; init; }

    /// <summary><c>rgb</c> or <c>bgr</c>.</summary>
    public string ChannelOrder { get; init; } = "rgb";

    /// <summary>Factor applied to 0..255 values first. Our own exports take 0..255 and normalise inside.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Subtracted per channel after scaling, in the order of <see cref="ChannelOrder"/>.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0, 0, 0];

    /// <summary>Divisor per channel after the mean, in the order of <see cref="ChannelOrder"/>.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1, 1, 1];

    /// <summary>Order of the tensor's dimensions.</summary>
    public TensorLayout Layout { get; init; } = TensorLayout.Nchw;

    /// <summary>Element type of the tensor.</summary>
    public PixelType Type { get; init; } = PixelType.Float32;

    /// <summary>Whether an embedded colour profile is applied before. Our own models were trained so; most foreign ones never saw profiles applied.</summary>
    public bool ColourManaged { get; init; } = true;

    /// <summary>Most pictures in one run, where the graph promises a dynamic batch but does not keep to it (1) or slows down; 0 for the server's limit.</summary>
    public int MaxBatch { get; init; }

    /// <summary>Further inputs of the graph.</summary>
    public IReadOnlyList<ExtraInput> Extra { get; init; } = [];
}

/// <summary>
/// Names of a model's outputs. Boxes [B, D, 4] xyxy in input pixels, scores [B, D] falling, labels [B, D] int64 index into the passport's categories,
/// -1 for an empty row.
/// </summary>
public sealed record OutputSpec
{
    /// <summary>Name of the box output.</summary>
    public string Boxes { get; init; } = "boxes";

    /// <summary>Name of the score output.</summary>
    public string Scores { get; init; } = "scores";

    /// <summary>Name of the label output.</summary>
    public string Labels { get; init; } = "labels";

    /// <summary>Name of the mask output, [B, D, m, m] probabilities over each box; null for a model of boxes alone.</summary>
    public string? Masks { get; init; }
}
