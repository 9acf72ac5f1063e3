using System.Numerics;
using System.Runtime.InteropServices;
using Serve.Eval;

namespace Serve.Training.Data;

/// <summary>A colour jitter as drawn: factors of brightness, contrast and saturation (1 = unchanged), and a turn of hue (0 = unchanged).</summary>
internal readonly record struct ColorJitter(double Brightness, double Contrast, double Saturation, double Hue)
{
    /// <summary>Draws a jitter, each part uniform in its range; always four draws.</summary>
    public static ColorJitter Draw(Augmentation options, ref SplitMix64 random)
    {
        var (brightness, contrast, saturation, hue) = options.ColorJitter;
        return new(
            random.NextDouble(1 - brightness, 1 + brightness),
            random.NextDouble(1 - contrast, 1 + contrast),
            random.NextDouble(1 - saturation, 1 + saturation),
            random.NextDouble(-hue, hue));
    }

    /// <summary>Whether nothing changes.</summary>
    public bool IsIdentity => this == new ColorJitter(1, 1, 1, 0);
}

/// <summary>
/// Brightness, then contrast, saturation and hue, as one affine map of RGB values (of the sRGB bytes, not of linear light).
/// All four are linear in the colour, so they cost nine multiplications a value, and clipping happens once, at the end.
/// </summary>
/// <remarks>
/// Contrast blends with the picture's mean luma, saturation with the pixel's luma (weights of Rec. 601), and hue turns about
/// the grey axis, so that a third of a turn maps red to green to blue to red exactly and greys stay.
/// </remarks>
internal readonly struct ColorTransform
{
    private readonly float rr, rg, rb, gr, gg, gb, br, bg, bb, offset;

    /// <summary>Creates the map.</summary>
    /// <param name="jitter">What to change.</param>
    /// <param name="meanLuma">Mean luma of the picture's visible part, 0..255.</param>
    public ColorTransform(ColorJitter jitter, double meanLuma)
    {
        var gain = jitter.Brightness * jitter.Contrast;
        var wash = 1 - jitter.Saturation;
        var (cos, sin) = (Math.Cos(2 * Math.PI * jitter.Hue), Math.Sin(2 * Math.PI * jitter.Hue));
        var (same, next, last) = (cos + (1 - cos) / 3, (1 - cos) / 3 - sin / Math.Sqrt(3), (1 - cos) / 3 + sin / Math.Sqrt(3));

        (rr, rg, rb) = Row(same, next, last);
        (gr, gg, gb) = Row(last, same, next);
        (br, bg, bb) = Row(next, last, same);
        offset = (float)((1 - jitter.Contrast) * jitter.Brightness * meanLuma);

        // One row of hue x (saturation I + (1 - saturation) luma): the hue's rows sum to one, hence the plain luma weights.
        (float R, float G, float B) Row(double r, double g, double b) => (
            (float)(gain * (jitter.Saturation * r + wash * 0.299)),
            (float)(gain * (jitter.Saturation * g + wash * 0.587)),
            (float)(gain * (jitter.Saturation * b + wash * 0.114)));
    }

    /// <summary>Changes planar colours in place; results are clipped to 0..255.</summary>
    public void Apply(Span<float> red, Span<float> green, Span<float> blue)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(red).Length;
        var reds = MemoryMarshal.Cast<float, Vector<float>>(red);
        var greens = MemoryMarshal.Cast<float, Vector<float>>(green);
        var blues = MemoryMarshal.Cast<float, Vector<float>>(blue);
        for (var i = 0; i < vectors; i++)
        {
            var (r, g, b) = (reds[i], greens[i], blues[i]);
            reds[i] = Clip(r * rr + g * rg + b * rb + new Vector<float>(offset));
            greens[i] = Clip(r * gr + g * gg + b * gb + new Vector<float>(offset));
            blues[i] = Clip(r * br + g * bg + b * bb + new Vector<float>(offset));
        }

        // The same operations in the same order, so that a pixel's value does not depend on the machine's vector width.
        for (var i = vectors * Vector<float>.Count; i < red.Length; i++)
        {
            var (r, g, b) = (red[i], green[i], blue[i]);
            red[i] = Math.Clamp(r * rr + g * rg + b * rb + offset, 0, 255);
            green[i] = Math.Clamp(r * gr + g * gg + b * gb + offset, 0, 255);
            blue[i] = Math.Clamp(r * br + g * bg + b * bb + offset, 0, 255);
        }
    }

    private static Vector<float> Clip(Vector<float> value) => Vector.Min(Vector.Max(value, Vector<float>.Zero), new Vector<float>(255));
}
