using NetVips;
using Serve.Eval;

namespace Serve.Inference.Pictures;

/// <summary>Encodes pictures.</summary>
public static class PictureEncoder
{
    /// <summary>Media types that are written, the commonest first.</summary>
    public static IReadOnlyList<string> MediaTypes { get; } = ["image/jpeg", "image/png", "image/webp"];

    /// <summary>Encodes a picture without metadata.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="mediaType">One of <see cref="MediaTypes"/>.</param>
    /// <param name="quality">Quality of the lossy formats (JPEG, WebP), 1..100. PNG keeps every pixel.</param>
    /// <exception cref="InvalidInputException">Another media type; the message lists those that are written.</exception>
    public static byte[] Encode(Picture picture, string mediaType, int quality = 90)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quality);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        using var turn = LibVips.Beside();

        using var raw = Image.NewFromMemory<byte>(picture.Pixels.AsMemory(0, picture.Bytes.Length), picture.Width, picture.Height, 3, Enums.BandFormat.Uchar);
        using var image = raw.Copy(interpretation: Enums.Interpretation.Srgb);
        return mediaType switch
        {
            "image/jpeg" => image.JpegsaveBuffer(q: quality, keep: Enums.ForeignKeep.None),
            "image/png" => image.PngsaveBuffer(keep: Enums.ForeignKeep.None),
            "image/webp" => image.WebpsaveBuffer(q: quality, keep: Enums.ForeignKeep.None),
            _ => throw new InvalidInputException($"Pictures are not written as '{mediaType}'; supported are {string.Join(", ", MediaTypes)}."),
        };
    }
}
