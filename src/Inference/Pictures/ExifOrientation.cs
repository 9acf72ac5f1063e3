using System.Buffers.Binary;

namespace Serve.Inference.Pictures;

/// <summary>How a picture has to be turned to be upright, as its camera wrote it down (EXIF 2.3, tag 0x0112).</summary>
internal static class ExifOrientation
{
    /// <summary>The picture is upright as it is.</summary>
    public const int Upright = 1;

    // From here on width and height are swapped.
    private const int FirstSideways = 5;
    private const int Last = 8;

    private const ushort OrientationTag = 0x0112;
    private const ushort ShortType = 3;
    private const int HeaderLength = 8;
    private const int EntryLength = 12;

    // Turned tile by tile: a whole row of the one picture is a column of the other, and a column touches a cache line a pixel.
    private const int Tile = 32;

    /// <summary>True when upright width and height are the stored height and width.</summary>
    public static bool IsSideways(int orientation) => orientation >= FirstSideways;

    /// <summary>Reads the orientation from a TIFF structure as it stands in a JPEG's EXIF segment.</summary>
    /// <returns>1..8, 1 when nothing is said; null when the structure is not as it should be.</returns>
    public static int? Read(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < HeaderLength)
            return null;
        var little = tiff.StartsWith("II*\0"u8);
        if (!little && !tiff.StartsWith("MM\0*"u8))
            return null;

        var directory = Int32(tiff, 4, little);
        if (directory < HeaderLength || directory > tiff.Length - 2)
            return null;
        int count = Int16(tiff, (int)directory, little);
        var entries = tiff[((int)directory + 2)..];
        if (count * EntryLength > entries.Length)
            return null;
        for (var i = 0; i < count; i++)
        {
            var entry = entries.Slice(i * EntryLength, EntryLength);
            if (Int16(entry, 0, little) != OrientationTag)
                continue;
            var value = Int16(entry, 8, little);
            return Int16(entry, 2, little) == ShortType && Int32(entry, 4, little) == 1 && value is >= Upright and <= Last ? value : null;
        }

        return Upright;
    }

    /// <summary>Turns a picture upright.</summary>
    /// <param name="source">[height, width, 3]</param>
    /// <param name="width">Stored width in pixels.</param>
    /// <param name="height">Stored height in pixels.</param>
    /// <param name="orientation">1..8</param>
    /// <param name="target">The upright picture, as many bytes.</param>
    public static void Turn(ReadOnlySpan<byte> source, int width, int height, int orientation, Span<byte> target)
    {
        // Source pixel of the upright one at (x, y): start + x * right + y * down.
        var (start, right, down) = orientation switch
        {
            2 => (width - 1, -1, width),
            3 => (width * height - 1, -1, -width),
            4 => (width * (height - 1), 1, -width),
            5 => (0, width, 1),
            6 => (width * (height - 1), -width, 1),
            7 => (width * height - 1, -width, -1),
            8 => (width - 1, width, -1),
            _ => (0, 1, width),
        };
        var (uprightWidth, uprightHeight) = IsSideways(orientation) ? (height, width) : (width, height);
        for (var top = 0; top < uprightHeight; top += Tile)
        {
            for (var left = 0; left < uprightWidth; left += Tile)
            {
                var (bottom, end) = (Math.Min(top + Tile, uprightHeight), Math.Min(left + Tile, uprightWidth));
                for (var y = top; y < bottom; y++)
                {
                    var from = (start + left * right + y * down) * Picture.Channels;
                    var to = (y * uprightWidth + left) * Picture.Channels;
                    for (var x = left; x < end; x++, from += right * Picture.Channels, to += Picture.Channels)
                        (target[to], target[to + 1], target[to + 2]) = (source[from], source[from + 1], source[from + 2]);
                }
            }
        }
    }

    private static ushort Int16(ReadOnlySpan<byte> bytes, int at, bool little)
        => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

    private static long Int32(ReadOnlySpan<byte> bytes, int at, bool little)
        => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
}
