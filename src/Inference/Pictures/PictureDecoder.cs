using Serve.Eval;

namespace Serve.Inference.Pictures;

/// <summary>Limits on what a decoder accepts, checked before any pixel is decoded.</summary>
public sealed record PictureLimits
{
    /// <summary>Largest encoded size in bytes.</summary>
    public long MaxBytes { get; init; } = 32L << 20;

    /// <summary>Largest width or height in pixels.</summary>
    public int MaxDimension { get; init; } = 16_384;

    /// <summary>Largest number of pixels.</summary>
    public long MaxPixels { get; init; } = 64_000_000;
}

/// <summary>Why a picture was refused.</summary>
public enum PictureFault
{
    /// <summary>The format is not one that is read (HTTP 415).</summary>
    Unsupported,

    /// <summary>The format is known, the content is damaged or incomplete (HTTP 422).</summary>
    Broken,

    /// <summary>More bytes or pixels than the limits allow (HTTP 413).</summary>
    TooLarge,
}

/// <summary>A picture was refused.</summary>
public sealed class PictureException(PictureFault fault, string message) : InvalidInputException(message)
{
    /// <summary>The kind of fault.</summary>
    public PictureFault Fault { get; } = fault;
}

/// <summary>Decodes pictures with libvips: orientation, colour profile, alpha, 16-bit, grey and CMYK handled.</summary>
public static class PictureDecoder
{
    /// <summary>Names of the formats that are read, as media types (<c>image/jpeg</c>, ...).</summary>
    public static IReadOnlyList<string> MediaTypes => throw new NotImplementedException();

    /// <summary>Decodes a picture from memory.</summary>
    /// <exception cref="PictureException">The picture is refused; the message names the cause.</exception>
    public static Picture Decode(ReadOnlyMemory<byte> encoded, PictureLimits limits) => throw new NotImplementedException();

    /// <summary>Decodes a picture file.</summary>
    /// <exception cref="PictureException">The picture is refused; the message names the file and the cause.</exception>
    public static Picture DecodeFile(string path, PictureLimits limits) => throw new NotImplementedException();
}
