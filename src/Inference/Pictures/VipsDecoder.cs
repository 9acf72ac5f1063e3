using NetVips;

namespace Serve.Inference.Pictures;

/// <summary>Decodes pictures of every format with libvips: orientation, colour profile, alpha, 16-bit, grey and CMYK handled.</summary>
/// <param name="format">The picture's format.</param>
/// <param name="limits">Limits on its size.</param>
/// <param name="colourManaged">Whether an embedded profile is applied.</param>
/// <param name="memory">Where the pixels go.</param>
internal sealed class VipsDecoder(PictureFormat format, PictureLimits limits, bool colourManaged, PixelMemory memory)
{
    // Larger pictures that fail are not decoded once more for the sake of a better message, as others would have to wait for it.
    private const long LargestExplained = 4_000_000;

    /// <summary>Decodes a picture.</summary>
    /// <exception cref="PictureException">The picture is refused; the message names the cause.</exception>
    public Picture Decode(ReadOnlySpan<byte> encoded) => TryDecode(encoded) ?? DecodeAlone(encoded);

    /// <summary>
    /// The usual way. The JPEG library reports damage inside the compressed data as a mere warning and fills the gap, so there warnings count as errors.
    /// </summary>
    /// <returns>Null when something is wrong with the picture.</returns>
    private Picture? TryDecode(ReadOnlySpan<byte> encoded)
    {
        using var turn = LibVips.Beside();
        try
        {
            return Read(encoded, format == PictureFormat.Jpeg ? Enums.FailOn.Warning : Enums.FailOn.Error);
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
    private Picture DecodeAlone(ReadOnlySpan<byte> encoded)
    {
        using var turn = LibVips.Alone();
        try
        {
            return format == PictureFormat.Jpeg ? ReadOddJpeg(encoded) : ReadToExplain(encoded);
        }
        catch (VipsException e)
        {
            throw new PictureException(PictureFault.Broken, $"The {format.Name} picture is damaged or incomplete: {Cause(e.Message)}.", e);
        }
    }

    private Picture ReadToExplain(ReadOnlySpan<byte> encoded)
    {
        using var header = Image.NewFromBuffer(encoded, access: Enums.Access.Sequential, failOn: Enums.FailOn.Error);
        if ((long)header.Width * header.Height > LargestExplained)
            throw new PictureException(PictureFault.Broken, $"The {format.Name} picture is damaged or incomplete.");
        return Read(encoded, Enums.FailOn.Error);
    }

    private Picture ReadOddJpeg(ReadOnlySpan<byte> encoded)
    {
        try
        {
            return Read(encoded, Enums.FailOn.Warning);
        }
        catch (VipsException e) when (JpegWarning.IsHarmless(e.Message))
        {
            return Read(encoded, Enums.FailOn.Error);
        }
        catch (VipsException e) when (JpegWarning.IsPrematureEnd(e.Message) && MayLackOnlyItsEnd(encoded))
        {
            // With an end marker in place, "incomplete" turns into the warning that compressed data is missing, if any is.
            byte[] closed = [.. encoded, .. JpegStructure.EndOfImage];
            return Read(closed, Enums.FailOn.Warning);
        }
        finally
        {
            LibVips.ForgetErrors();
        }
    }

    /// <summary>Not when progressive: nothing would tell that the finer scans are missing.</summary>
    private static bool MayLackOnlyItsEnd(ReadOnlySpan<byte> encoded)
        => !encoded.EndsWith(JpegStructure.EndOfImage) && !JpegStructure.IsProgressive(encoded);

    private Picture Read(ReadOnlySpan<byte> encoded, Enums.FailOn failOn)
    {
        using var image = Image.NewFromBuffer(encoded, access: Enums.Access.Sequential, failOn: failOn);
        limits.RequireSize(image.Width, image.Height);
        return ToPicture(image);
    }

    private Picture ToPicture(Image image)
    {
        using var srgb = ToSrgb(image);
        using var opaque = srgb.HasAlpha() ? srgb.Flatten() : srgb.Copy();
        using var bytes = opaque.Cast(Enums.BandFormat.Uchar);
        if (bytes.Bands != Picture.Channels)
            throw new PictureException(PictureFault.Unsupported, $"The {format.Name} picture has {bytes.Bands} channels after conversion to sRGB; 3 are needed.");

        if (!IsTurned(image))
            return Copy(bytes);

        // Rows are decoded in order, and turning needs them in another.
        using var decoded = bytes.CopyMemory();
        using var upright = decoded.Autorot();
        return Copy(upright);
    }

    private unsafe Picture Copy(Image image)
    {
        var native = image.WriteToMemory(out var length);
        try
        {
            var pixels = memory.Take(checked((int)length));
            new ReadOnlySpan<byte>((void*)native, (int)length).CopyTo(pixels);
            return new Picture(image.Width, image.Height, pixels);
        }
        finally
        {
            NetVips.NetVips.Free(native);
        }
    }

    private static bool IsTurned(Image image) => image.Contains("orientation") && image.Get("orientation") is int and > 1;

    private Image ToSrgb(Image image)
    {
        if (colourManaged && HasForeignProfile(image))
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
