using NetVips;

namespace Serve.Serving.Bench;

/// <summary>Decodes a picture the plain way, with libvips.</summary>
internal static class PlainPicture
{
    /// <summary>RGB bytes, interleaved, upright.</summary>
    public static (byte[] Pixels, int Width, int Height) Decode(byte[] encoded)
    {
        using var image = Image.NewFromBuffer(encoded);
        using var upright = image.Autorot();
        using var colour = upright.Colourspace(Enums.Interpretation.Srgb);
        using var rgb = colour.Bands > 3 ? colour.ExtractBand(0, 3) : colour.Copy();
        return (rgb.WriteToMemory<byte>(), rgb.Width, rgb.Height);
    }
}
