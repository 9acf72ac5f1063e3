using System.Buffers.Binary;

namespace Serve.Inference.Pictures;

/// <summary>What has to be known of a JPEG file's markers (ITU-T T.81, annex B).</summary>
internal static class JpegStructure
{
    private const byte StartOfScan = 0xDA;
    private const byte ProgressiveHuffman = 0xC2;
    private const byte ProgressiveArithmetic = 0xCA;

    /// <summary>The marker that ends a file.</summary>
    public static ReadOnlySpan<byte> EndOfImage => [0xFF, 0xD9];

    /// <summary>True when the picture is sent in several scans, each finer than the one before.</summary>
    public static bool IsProgressive(ReadOnlySpan<byte> encoded)
    {
        // Segments before the first scan: FF, marker, length of two bytes that counts itself, content.
        var at = 2;
        while (at + 4 <= encoded.Length && encoded[at] == 0xFF && encoded[at + 1] != StartOfScan)
        {
            if (encoded[at + 1] is ProgressiveHuffman or ProgressiveArithmetic)
                return true;
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(encoded[(at + 2)..]);
        }

        return false;
    }
}
