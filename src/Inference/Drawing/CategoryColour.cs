using System.Text;

namespace Serve.Inference.Drawing;

/// <summary>An sRGB colour.</summary>
internal readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    public static Colour Black { get; } = new(0, 0, 0);

    public static Colour White { get; } = new(255, 255, 255);

    /// <summary>Relative luminance, 0..1 (WCAG 2).</summary>
    public double Luminance => 0.2126 * Linear(Red) + 0.7152 * Linear(Green) + 0.0722 * Linear(Blue);

    /// <summary>Black or white, whichever is easier to read on this colour: a contrast of at least 4.5 to 1, whatever the colour.</summary>
    public Colour Readable => ContrastTo(Black) >= ContrastTo(White) ? Black : White;

    /// <summary>Contrast, 1..21 (WCAG 2).</summary>
    public double ContrastTo(Colour other)
    {
        var (a, b) = (Luminance + 0.05, other.Luminance + 0.05);
        return Math.Max(a, b) / Math.Min(a, b);
    }

    /// <summary>As in HTML. A record's own text would name its readable colour, whose text would name its own, without end.</summary>
    public override string ToString() => $"#{Red:x2}{Green:x2}{Blue:x2}";

    private static double Linear(byte value)
    {
        var share = value / 255.0;
        return share <= 0.04045 ? share / 12.92 : Math.Pow((share + 0.055) / 1.055, 2.4);
    }
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
