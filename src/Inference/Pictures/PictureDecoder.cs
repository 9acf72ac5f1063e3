using NetVips;
using Serve.Eval;

namespace Serve.Inference.Pictures;

/// <summary>Decodes pictures with libvips: orientation, colour profile, alpha, 16-bit, grey and CMYK handled.</summary>
/// <remarks>
/// Every picture ends as upright 8-bit sRGB: an embedded profile is applied, CMYK and grey are converted, transparent pixels are laid on black, the
/// first frame of an animation counts. A picture is answered whole or refused: one that breaks off or is damaged in the middle raises an exception
/// instead of giving grey areas in which nothing can be detected.
/// </remarks>
public static class PictureDecoder
{
    // Larger pictures that fail are not decoded once more for the sake of a better message, as others would have to wait for it.
    private const long LargestExplained = 4_000_000;

    /// <summary>Names of the formats that are read, as media types (<c>image/jpeg</c>, ...).</summary>
    public static IReadOnlyList<string> MediaTypes { get; } = [.. PictureFormat.All.Select(format => format.MediaType)];

    /// <summary>Decodes a picture from memory.</summary>
    /// <exception cref="PictureException">The picture is refused; the message names the cause.</exception>
    public static Picture Decode(ReadOnlyMemory<byte> encoded, PictureLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        limits.RequireBytes(encoded.Length);
        var format = PictureFormat.Sniff(encoded.Span);
        return TryDecode(encoded.Span, format, limits) ?? DecodeAlone(encoded.Span, format, limits);
    }

    /// <summary>Decodes a picture file.</summary>
    /// <exception cref="InvalidInputException">There is no such file, or it cannot be read.</exception>
    /// <exception cref="PictureException">The picture is refused; the message names the file and the cause.</exception>
    public static Picture DecodeFile(string path, PictureLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            limits.RequireBytes(new FileInfo(path).Length);
            return Decode(File.ReadAllBytes(path), limits);
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

    /// <summary>
    /// The usual way. The JPEG library reports damage inside the compressed data as a mere warning and fills the gap, so there warnings count as errors.
    /// </summary>
    /// <returns>Null when something is wrong with the picture.</returns>
    private static Picture? TryDecode(ReadOnlySpan<byte> encoded, PictureFormat format, PictureLimits limits)
    {
        using var turn = LibVips.Beside();
        try
        {
            return Read(encoded, format == PictureFormat.Jpeg ? Enums.FailOn.Warning : Enums.FailOn.Error, format, limits);
        }
        catch (VipsException)
        {
            return null;
        }
    }

    /// <summary>
    /// The second look at a picture in which something is wrong, alone with the library, so that its messages tell the cause. Two kinds of JPEG are
    /// answered after all, since the whole picture is there: those with odd bytes between headers, and those that lack nothing but the end marker.
    /// </summary>
    private static Picture DecodeAlone(ReadOnlySpan<byte> encoded, PictureFormat format, PictureLimits limits)
    {
        using var turn = LibVips.Alone();
        try
        {
            return format == PictureFormat.Jpeg ? ReadOddJpeg(encoded, limits) : ReadToExplain(encoded, format, limits);
        }
        catch (VipsException e)
        {
            throw new PictureException(PictureFault.Broken, $"The {format.Name} picture is damaged or incomplete: {Cause(e.Message)}.", e);
        }
    }

    private static Picture ReadToExplain(ReadOnlySpan<byte> encoded, PictureFormat format, PictureLimits limits)
    {
        using var header = Image.NewFromBuffer(encoded, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        if ((long)header.Width * header.Height > LargestExplained)
            throw new PictureException(PictureFault.Broken, $"The {format.Name} picture is damaged or incomplete.");
        return Read(encoded, Enums.FailOn.Error, format, limits);
    }

    private static Picture ReadOddJpeg(ReadOnlySpan<byte> encoded, PictureLimits limits)
    {
        try
        {
            return Read(encoded, Enums.FailOn.Warning, PictureFormat.Jpeg, limits);
        }
        catch (VipsException e) when (JpegWarning.IsHarmless(e.Message))
        {
            return Read(encoded, Enums.FailOn.Error, PictureFormat.Jpeg, limits);
        }
        catch (VipsException e) when (JpegWarning.IsPrematureEnd(e.Message) && MayLackOnlyItsEnd(encoded))
        {
            // With an end marker in place, "incomplete" turns into the warning that compressed data is missing, if any is.
            byte[] closed = [.. encoded, .. JpegStructure.EndOfImage];
            return Read(closed, Enums.FailOn.Warning, PictureFormat.Jpeg, limits);
        }
        finally
        {
            LibVips.ForgetErrors();
        }
    }

    /// <summary>Not when progressive: nothing would tell that the finer scans are missing.</summary>
    private static bool MayLackOnlyItsEnd(ReadOnlySpan<byte> encoded)
        => !encoded.EndsWith(JpegStructure.EndOfImage) && !JpegStructure.IsProgressive(encoded);

    private static Picture Read(ReadOnlySpan<byte> encoded, Enums.FailOn failOn, PictureFormat format, PictureLimits limits)
    {
        using var image = Image.NewFromBuffer(encoded, access: Enums.Access.Sequential, failOn: failOn);
        limits.RequireSize(image.Width, image.Height);
        return ToPicture(image, format);
    }

    private static Picture ToPicture(Image image, PictureFormat format)
    {
        using var srgb = ToSrgb(image);
        using var opaque = srgb.HasAlpha() ? srgb.Flatten() : srgb.Copy();
        using var bytes = opaque.Cast(Enums.BandFormat.Uchar);
        if (bytes.Bands != 3)
            throw new PictureException(PictureFault.Unsupported, $"The {format.Name} picture has {bytes.Bands} channels after conversion to sRGB; 3 are needed.");

        if (!IsTurned(image))
            return new Picture(bytes.Width, bytes.Height, bytes.WriteToMemory<byte>());

        // Rows are decoded in order, and turning needs them in another.
        using var decoded = bytes.CopyMemory();
        using var upright = decoded.Autorot();
        return new Picture(upright.Width, upright.Height, upright.WriteToMemory<byte>());
    }

    private static bool IsTurned(Image image) => image.Contains("orientation") && image.Get("orientation") is int and > 1;

    private static Image ToSrgb(Image image)
    {
        if (HasForeignProfile(image))
        {
            try
            {
                return image.IccTransform("srgb", embedded: true, depth: 8);
            }
            catch (VipsException)
            {
                // A profile that is damaged or made for another kind of picture is left aside, as browsers do.
            }
        }

        return image.Interpretation == Enums.Interpretation.Srgb ? image.Copy() : image.Colourspace(Enums.Interpretation.Srgb);
    }

    private static bool HasForeignProfile(Image image)
        => image.Contains("icc-profile-data") && image.Get("icc-profile-data") is byte[] profile && !ColourProfile.IsSrgb(profile);

    /// <summary>The last line of a native message that says something, without the name of the native function.</summary>
    private static string Cause(string message)
    {
        const int longest = 120;
        var cause = message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.StartsWith("unable to ", StringComparison.Ordinal))
            .Select(line => line[(line.IndexOf(": ", StringComparison.Ordinal) is >= 0 and var colon ? colon + 2 : 0)..])
            .LastOrDefault(text => text.Any(char.IsLetter));
        return cause switch
        {
            null or "buffer is not in a known format" => "its content cannot be read",
            { Length: > longest } => cause[..longest],
            _ => cause,
        };
    }
}
