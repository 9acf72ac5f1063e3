using Serve.Eval.Masks;

namespace Serve.Eval.Tests.Masks;

/// <summary>Masks as one byte a pixel, column after column.</summary>
internal static class MaskPixels
{
    /// <summary>Reads a mask from pixels.</summary>
    /// <param name="pixels">[width, height]; anything but 0 is inside.</param>
    /// <param name="height">Height.</param>
    /// <param name="width">Width.</param>
    /// <param name="mask">Is filled.</param>
    public static void Read(ReadOnlySpan<byte> pixels, int height, int width, RunLengths mask)
    {
        mask.Clear(height, width);
        var at = 0;
        for (var inside = false; at < pixels.Length; inside = !inside)
        {
            var length = inside ? pixels[at..].IndexOf((byte)0) : pixels[at..].IndexOfAnyExcept((byte)0);
            at = length < 0 ? pixels.Length : at + length;
            mask.Add((uint)at);
        }
        if (mask.Count == 0)
            mask.Add(0);
    }

    /// <summary>Writes a mask as pixels: 1 inside, 0 outside.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="pixels">[width, height]</param>
    public static void Write(RunLengths mask, Span<byte> pixels)
    {
        pixels.Clear();
        var ends = mask.Ends;
        for (var i = 1; i < ends.Length; i += 2)
            pixels[(int)ends[i - 1]..(int)ends[i]].Fill(1);
    }
}
