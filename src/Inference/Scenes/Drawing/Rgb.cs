namespace Serve.Inference.Scenes.Drawing;

/// <summary>A colour: sRGB values, 0..1 (more where light overexposes; clipped when the picture is written).</summary>
internal readonly record struct Rgb(double R, double G, double B)
{
    public static Rgb Black { get; } = new(0, 0, 0);

    public static Rgb White { get; } = new(1, 1, 1);

    /// <summary>Brightness as seen (Rec. 601), 0..1.</summary>
    public double Luma => 0.299 * R + 0.587 * G + 0.114 * B;

    public static Rgb operator *(Rgb color, double factor) => new(color.R * factor, color.G * factor, color.B * factor);

    public static Rgb operator +(Rgb a, Rgb b) => new(a.R + b.R, a.G + b.G, a.B + b.B);

    public static Rgb Grey(double value) => new(value, value, value);

    /// <summary>A colour by hue (share of the circle, 0 = red), saturation and value, each 0..1.</summary>
    public static Rgb FromHsv(double hue, double saturation, double value)
    {
        return new(Channel(5), Channel(3), Channel(1));

        double Channel(double n)
        {
            var k = (n + hue * 6) % 6;
            return value - value * saturation * Math.Clamp(Math.Min(k, 4 - k), 0, 1);
        }
    }

    /// <summary>The mixture with another colour; 0 is this one, 1 the other.</summary>
    public Rgb Mix(Rgb other, double share) => this * (1 - share) + other * share;
}
