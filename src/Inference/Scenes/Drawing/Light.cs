namespace Serve.Inference.Scenes.Drawing;

/// <summary>The direction toward the light: right, down and toward the viewer; a unit vector.</summary>
internal readonly record struct Light(double X, double Y, double Z)
{
    /// <summary>Light from a direction given in any length.</summary>
    public static Light From(double x, double y, double z)
    {
        var length = Math.Sqrt(x * x + y * y + z * z);
        return new(x / length, y / length, z / length);
    }

    /// <summary>The cosine to a surface's normal, 0 where it faces away.</summary>
    public double On(double x, double y, double z) => Math.Max(0, X * x + Y * y + Z * z);

    /// <summary>The mirror reflection toward the viewer, 0..1, narrow (Blinn, 1977, exponent 32).</summary>
    public double Glint(double x, double y, double z)
    {
        var power = From(X, Y, Z + 1).On(x, y, z);
        for (var i = 0; i < 5; i++) power *= power;
        return power;
    }
}
