using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serve.Inference.Models;

/// <summary>How a picture becomes a model's input tensor. In JSON: <c>letterbox-top-left</c>, <c>letterbox-centre</c>, <c>stretch</c>.</summary>
[JsonConverter(typeof(ResizeRuleConverter))]
public enum ResizeRule
{
    /// <summary>Scale to fit inside Width x Height keeping the aspect, put in the top-left corner, fill the rest with PadValue.</summary>
    LetterboxTopLeft,

    /// <summary>Scale to fit inside Width x Height keeping the aspect, centre, fill the rest with PadValue.</summary>
    LetterboxCentre,

    /// <summary>Scale to exactly Width x Height.</summary>
    Stretch,
}

/// <summary>A model's input.</summary>
public sealed record InputSpec
{
    /// <summary>Name of the graph's input.</summary>
    public string Name { get; init; } = "images";

    /// <summary>Width of the input tensor in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the input tensor in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>How pictures are brought to that size.</summary>
    public ResizeRule Resize { get; init; } = ResizeRule.LetterboxTopLeft;

    /// <summary>Value of padded pixels, 0..255, before scale and mean.</summary>
    public double PadValue { get; init; }

    /// <summary><c>rgb</c> or <c>bgr</c>.</summary>
    public string ChannelOrder { get; init; } = "rgb";

    /// <summary>Factor applied to 0..255 values first. Our own exports take 0..255 and normalise inside.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Subtracted per channel after scaling, in the order of <see cref="ChannelOrder"/>.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0, 0, 0];

    /// <summary>Divisor per channel after the mean, in the order of <see cref="ChannelOrder"/>.</summary>
    public IReadOnlyList<double> Std { get; init; } = [1, 1, 1];
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
}

/// <summary>Writes the rule in kebab case and refuses numbers.</summary>
internal sealed class ResizeRuleConverter() : JsonStringEnumConverter<ResizeRule>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
