namespace Serve.Inference.Scenes.Drawing;

/// <summary>A point or direction in the plane; y points down.</summary>
internal readonly record struct Vec(double X, double Y)
{
    public double Length => Math.Sqrt(X * X + Y * Y);

    public static Vec operator +(Vec a, Vec b) => new(a.X + b.X, a.Y + b.Y);

    public static Vec operator -(Vec a, Vec b) => new(a.X - b.X, a.Y - b.Y);

    public static Vec operator *(Vec a, double factor) => new(a.X * factor, a.Y * factor);

    /// <summary>The direction at an angle: 0 is right, a quarter of a turn is down.</summary>
    public static Vec At(double radians) => new(Math.Cos(radians), Math.Sin(radians));

    /// <summary>The point at a share of the way to another.</summary>
    public Vec Toward(Vec other, double share) => this + (other - this) * share;
}
