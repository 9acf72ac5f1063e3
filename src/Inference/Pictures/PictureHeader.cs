using NetVips;
using Serve.Eval;

namespace Serve.Inference.Pictures;

/// <summary>Reads how large pictures are, without decoding them.</summary>
public static class PictureHeader
{
    private const int SniffedBytes = 256;

    /// <summary>The size of a picture file as a person sees it: after turning it as its EXIF orientation says.</summary>
    /// <returns>Width and height in pixels.</returns>
    /// <exception cref="InvalidInputException">The file cannot be read.</exception>
    /// <exception cref="PictureException">It is no picture that is read; the message names the cause, not the file.</exception>
    public static (int Width, int Height) ReadSize(string path)
    {
        var format = Sniff(path);
        using var turn = LibVips.Beside();
        try
        {
            // A source, because a file name with brackets would be taken for options.
            using var source = Source.NewFromFile(path);
            using var image = Image.NewFromSource(source, access: Enums.Access.Sequential);
            return SizeOf(image);
        }
        catch (VipsException fault)
        {
            throw Broken(format, fault);
        }
    }

    /// <summary>The size of an encoded picture.</summary>
    /// <exception cref="PictureException">It is no picture that is read; the message names the cause.</exception>
    public static (int Width, int Height) ReadSize(ReadOnlyMemory<byte> encoded)
    {
        var format = PictureFormat.Sniff(encoded.Span);
        using var turn = LibVips.Beside();
        try
        {
            using var image = Image.NewFromBuffer(encoded.Span, access: Enums.Access.Sequential);
            return SizeOf(image);
        }
        catch (VipsException fault)
        {
            throw Broken(format, fault);
        }
    }

    /// <summary>The media type of a picture file, by its first bytes.</summary>
    /// <exception cref="InvalidInputException">The file cannot be read.</exception>
    /// <exception cref="PictureException">It is no picture that is read; the message names the cause, not the file.</exception>
    public static string ReadMediaType(string path) => Sniff(path).MediaType;

    private static PictureFormat Sniff(string path)
    {
        try
        {
            Span<byte> head = stackalloc byte[SniffedBytes];
            using var file = File.OpenRead(path);
            return PictureFormat.Sniff(head[..file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"the picture file cannot be read ({fault.GetType().Name}).", fault);
        }
    }

    private static (int Width, int Height) SizeOf(Image image)
        => image.Contains("orientation") && image.Get("orientation") is int orientation && ExifOrientation.IsSideways(orientation) ? (image.Height, image.Width) : (image.Width, image.Height);

    private static PictureException Broken(PictureFormat format, VipsException fault)
        => new(PictureFault.Broken, $"the header of the {format.Name} picture is damaged.", fault);
}
