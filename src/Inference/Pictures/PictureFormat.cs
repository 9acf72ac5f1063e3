namespace Serve.Inference.Pictures;

/// <summary>A picture format that is read. Recognised by its first bytes; file names and declared media types say nothing here.</summary>
/// <param name="Name">The usual name.</param>
/// <param name="MediaType">The registered media type.</param>
internal sealed record PictureFormat(string Name, string MediaType)
{
    public static PictureFormat Jpeg { get; } = new("JPEG", "image/jpeg");

    public static PictureFormat Png { get; } = new("PNG", "image/png");

    public static PictureFormat Webp { get; } = new("WebP", "image/webp");

    public static PictureFormat Gif { get; } = new("GIF", "image/gif");

    public static PictureFormat Avif { get; } = new("AVIF", "image/avif");

    public static PictureFormat Tiff { get; } = new("TIFF", "image/tiff");

    /// <summary>The formats that are read, the commonest first.</summary>
    public static IReadOnlyList<PictureFormat> All { get; } = [Jpeg, Png, Webp, Gif, Avif, Tiff];

    /// <summary>Recognises the format.</summary>
    /// <exception cref="PictureException">It is none of <see cref="All"/>; the message names what it is, where that can be told, and what is read.</exception>
    public static PictureFormat Sniff(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty)
            throw new PictureException(PictureFault.Broken, "The picture is empty (0 bytes).");
        if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return Jpeg;
        if (head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]))
            return Png;
        if (head.StartsWith("GIF87a"u8) || head.StartsWith("GIF89a"u8))
            return Gif;
        if (head.StartsWith("RIFF"u8) && At(head, 8).StartsWith("WEBP"u8))
            return Webp;
        if (head.StartsWith("II*\0"u8) || head.StartsWith("MM\0*"u8) || head.StartsWith("II+\0"u8) || head.StartsWith("MM\0+"u8))
            return Tiff;
        if (IsAvif(head))
            return Avif;

        throw new PictureException(
            PictureFault.Unsupported, $"{Foreign(head)} Supported are {string.Join(", ", All.Select(format => format.MediaType))}.");
    }

    private static ReadOnlySpan<byte> At(ReadOnlySpan<byte> bytes, int offset) => bytes.Length > offset ? bytes[offset..] : [];

    /// <summary>An ISO media file whose major or compatible brands include <c>avif</c> or <c>avis</c>.</summary>
    private static bool IsAvif(ReadOnlySpan<byte> head)
    {
        if (!At(head, 4).StartsWith("ftyp"u8))
            return false;

        // The box's length stands in its first four bytes, the upper two zero in any sane file; after "ftyp" come the major brand, a version, and the compatible brands.
        var end = Math.Min(head.Length, Math.Min(head[2] << 8 | head[3], 256));
        for (var offset = 8; offset + 4 <= end; offset += 4)
        {
            var brand = head.Slice(offset, 4);
            if (brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8))
                return true;
        }

        return false;
    }

    private static string Foreign(ReadOnlySpan<byte> head)
    {
        var name = head switch
        {
            [(byte)'B', (byte)'M', ..] => "BMP",
            [0xFF, 0x0A, ..] or [0, 0, 0, 0x0C, (byte)'J', (byte)'X', (byte)'L', ..] => "JPEG XL",
            [0, 0, 0, 0x0C, (byte)'j', (byte)'P', ..] => "JPEG 2000",
            [_, _, _, _, (byte)'f', (byte)'t', (byte)'y', (byte)'p', ..] => "HEIC or another ISO media file",
            [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => "Photoshop",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => "PDF",
            [(byte)'<', ..] => "SVG or other XML",
            _ => null,
        };
        return name is null ? "The content is not a picture in a known format." : $"The content is {name}, which is not read.";
    }
}
