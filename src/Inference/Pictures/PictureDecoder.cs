using Serve.Eval;

namespace Serve.Inference.Pictures;

/// <summary>Decodes pictures: orientation, colour profile, alpha, 16-bit, grey and CMYK handled.</summary>
/// <remarks>
/// Every picture ends as upright 8-bit sRGB: an embedded profile is applied, CMYK and grey are converted, transparent pixels are laid on black, the
/// first frame of an animation counts. A picture is answered whole or refused: one that breaks off or is damaged in the middle raises an exception
/// instead of giving grey areas in which nothing can be detected. Plain JPEGs go through libturbojpeg where the system has it, all else through libvips;
/// pixels and refusals are the same either way.
/// </remarks>
public static class PictureDecoder
{
    /// <summary>Names of the formats that are read, as media types (<c>image/jpeg</c>, ...).</summary>
    public static IReadOnlyList<string> MediaTypes { get; } = [.. PictureFormat.All.Select(format => format.MediaType)];

    /// <summary>The library that decodes plain JPEGs here: <c>libturbojpeg</c>, or <c>libvips</c>, which takes half as long again (bench/results/pictures.md).</summary>
    public static string JpegLibrary => TurboJpeg.IsAvailable ? "libturbojpeg" : "libvips";

    /// <summary>Decodes a whole picture from memory.</summary>
    /// <exception cref="PictureException">The picture is refused; the message names the cause.</exception>
    public static Picture Decode(ReadOnlyMemory<byte> encoded, PictureLimits limits) => Decode(encoded, limits, PictureUse.Whole);

    /// <summary>Decodes a picture from memory.</summary>
    /// <exception cref="PictureException">The picture is refused; the message names the cause.</exception>
    public static Picture Decode(ReadOnlyMemory<byte> encoded, PictureLimits limits, PictureUse use) => Decode(encoded.Span, limits, use, PixelMemory.New);

    /// <summary>Decodes a picture into memory that is used again: no garbage for each request. The caller disposes it.</summary>
    /// <exception cref="PictureException">The picture is refused; the message names the cause.</exception>
    public static RentedPicture Rent(ReadOnlyMemory<byte> encoded, PictureLimits limits, PictureUse use)
        => new(Decode(encoded.Span, limits, use, PixelMemory.Rented));

    /// <summary>Decodes a picture file.</summary>
    /// <exception cref="InvalidInputException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="PictureException">The picture is refused; the message names the file and the cause.</exception>
    public static Picture DecodeFile(string path, PictureLimits limits) => DecodeFile(path, limits, PictureUse.Whole);

    /// <inheritdoc cref="DecodeFile(string, PictureLimits)"/>
    public static Picture DecodeFile(string path, PictureLimits limits, PictureUse use)
    {
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            limits.RequireBytes(new FileInfo(path).Length);
            return Decode(File.ReadAllBytes(path), limits, use);
        }
        catch (PictureException e)
        {
            throw new PictureException(e.Fault, $"{path}: {e.Message}", e);
        }
        catch (FileNotFoundException e)
        {
            throw new InvalidInputException($"{path}: there is no such picture file.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"{path}: the picture file cannot be read ({e.GetType().Name}).", e);
        }
    }

    /// <summary>Decodes a picture, by the fast way where it can be gone and is wanted.</summary>
    internal static Picture Decode(ReadOnlySpan<byte> encoded, PictureLimits limits, PictureUse use, PixelMemory memory, bool fast = true)
    {
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(use);
        limits.RequireBytes(encoded.Length);
        var format = PictureFormat.Sniff(encoded);
        var picture = fast && format == PictureFormat.Jpeg ? JpegDecoder.TryDecode(encoded, limits, use, memory) : null;
        return picture ?? new VipsDecoder(format, limits, use.ColourManaged, memory).Decode(encoded);
    }
}
