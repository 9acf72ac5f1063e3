using System.Buffers.Binary;

namespace Serve.Inference.Pictures;

/// <summary>What a JPEG file says of its picture before the first scan (ITU-T T.81, annex B).</summary>
/// <param name="Width">Stored width in pixels.</param>
/// <param name="Height">Stored height in pixels.</param>
/// <param name="Orientation">EXIF orientation, 1..8.</param>
/// <param name="HasForeignProfile">An embedded colour profile is not surely sRGB.</param>
internal readonly record struct JpegHeader(int Width, int Height, int Orientation, bool HasForeignProfile)
{
    // A hostile file may make a decoder go over the whole picture as often as it likes; no sane one has so many scans.
    private const int MostScans = 100;

    private const byte Baseline = 0xC0;
    private const byte ExtendedHuffman = 0xC1;
    private const byte Progressive = 0xC2;
    private const byte HuffmanTables = 0xC4;
    private const byte StartOfScan = 0xDA;
    private const byte QuantisationTables = 0xDB;
    private const byte RestartInterval = 0xDD;
    private const byte FirstApplication = 0xE0;
    private const byte Exif = 0xE1;
    private const byte Profile = 0xE2;
    private const byte LastApplication = 0xEF;
    private const byte Comment = 0xFE;

    /// <summary>Reads the header of a picture that needs nothing special: 8 bits, grey or three channels, coded by Huffman's method, nothing odd between the segments.</summary>
    /// <returns>False for any other picture, sound or not.</returns>
    public static bool TryRead(ReadOnlySpan<byte> encoded, out JpegHeader header)
    {
        header = new JpegHeader(0, 0, ExifOrientation.Upright, false);
        var hasExif = false;

        // Segments: FF, marker, length of two bytes that counts itself, content.
        for (var at = 2; at + 4 <= encoded.Length && encoded[at] == 0xFF;)
        {
            var marker = encoded[at + 1];
            var length = BinaryPrimitives.ReadUInt16BigEndian(encoded[(at + 2)..]);
            if (length < 2 || at + 2 + length > encoded.Length)
                return false;
            var content = encoded.Slice(at + 4, length - 2);
            at += 2 + length;
            switch (marker)
            {
                case StartOfScan:
                    return header.Width > 0 && header.Height > 0;
                case Baseline or ExtendedHuffman or Progressive:
                    if (header.Width > 0 || content.Length < 6 || content[0] != 8 || content[5] is not (1 or 3))
                        return false;
                    if (marker == Progressive && encoded.Count((ReadOnlySpan<byte>)[0xFF, StartOfScan]) >= MostScans)
                        return false;
                    header = header with { Height = BinaryPrimitives.ReadUInt16BigEndian(content[1..]), Width = BinaryPrimitives.ReadUInt16BigEndian(content[3..]) };
                    break;
                case Exif when content.StartsWith("Exif\0\0"u8):
                    if (hasExif || ExifOrientation.Read(content[6..]) is not { } orientation)
                        return false;
                    hasExif = true;
                    header = header with { Orientation = orientation };
                    break;
                case Profile when content.StartsWith("ICC_PROFILE\0"u8):
                    // Number and count of the pieces; the name of a profile in several need not be in the first.
                    var isWhole = content.Length > 14 && content[12] == 1 && content[13] == 1;
                    header = header with { HasForeignProfile = header.HasForeignProfile || !isWhole || !ColourProfile.IsSrgb(content[14..]) };
                    break;
                case HuffmanTables or QuantisationTables or RestartInterval or Comment or (>= FirstApplication and <= LastApplication):
                    break;
                default:
                    return false;
            }
        }

        return false;
    }
}
