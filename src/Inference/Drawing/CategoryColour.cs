using System.Text;

namespace Serve.Inference.Drawing;

/// <summary>An sRGB colour.</summary>
internal readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    public static Colour Black { get; } = new(0, 0, 0);

    public static Colour White { get; } = new(255, 255, 255);

    /// <summary>Perceived brightness, 0..255 (weights of ITU-R BT.601).</summary>
    public double Brightness => 0.299 * Red + 0.587 * Green + 0.114 * Blue;

    /// <summary>Black or white, whichever is easier to read on this colour.</summary>
    public Colour Readable => Brightness > 128 ? Black : White;
}

/// <summary>The colour of a category: from its name alone, so that it is the same on every picture, in every model and after every restart.</summary>
internal static class CategoryColour
{
    // Strong colours of three brightnesses; the hue runs through 48 steps.
    private const int Hues = 48;
    private static readonly (double Saturation, double Value)[] Shades = [(0.9, 1.0), (0.65, 1.0), (0.95, 0.75)];

    /// <summary>The colour for a name.</summary>
    public static Colour Of(string name)
    {
        var hash = Fnv1a(name);
        var (saturation, value) = Shades[hash / Hues % Shades.Length];
        return FromHsv(hash % Hues * 360.0 / Hues, saturation, value);
    }

    /// <summary>FNV-1a, 32 bits (string.GetHashCode differs in every process).</summary>
    private static uint Fnv1a(string text)
    {
        var hash = 2166136261;
        foreach (var value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 16777619;

        // The low bits of similar short names are alike.
        return hash ^ hash >> 15;
    }

    private static Colour FromHsv(double hue, double saturation, double value)
    {
        return new Colour(Channel(5), Channel(3), Channel(1));

        byte Channel(int n)
        {
            var k = (n + hue / 60) % 6;
            return (byte)Math.Round(255 * (value - value * saturation * Math.Max(0, Math.Min(Math.Min(k, 4 - k), 1))));
        }
    }
}
