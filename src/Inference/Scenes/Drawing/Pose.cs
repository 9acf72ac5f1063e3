namespace Serve.Inference.Scenes.Drawing;

/// <summary>An affine map from a figure's own coordinates to pixels.</summary>
internal readonly record struct Pose(double XX, double XY, double YX, double YY, double X, double Y)
{
    /// <summary>A figure of unit height, its foot at (0, 0) and its head at (0, -1), placed upright.</summary>
    /// <param name="foot">Where it stands, pixels.</param>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="mirrored">Left and right exchanged.</param>
    public static Pose Standing(Vec foot, double height, bool mirrored = false) => new(mirrored ? -height : height, 0, 0, height, foot.X, foot.Y);

    /// <summary>The figure's shadow on the ground: sheared to one side and flattened.</summary>
    /// <param name="foot">Where it stands, pixels.</param>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="lean">How far the shadow of the head lies aside, in heights.</param>
    /// <param name="flatness">Height of the shadow in heights.</param>
    public static Pose Shadow(Vec foot, double height, double lean, double flatness) =>
        new(height, -lean * height, 0, flatness * height, foot.X, foot.Y);

    public Vec Apply(Vec point) => new(XX * point.X + XY * point.Y + X, YX * point.X + YY * point.Y + Y);

    public Vec[] Apply(Vec[] outline) => Array.ConvertAll(outline, Apply);

    /// <summary>From pixels back to the figure's own coordinates.</summary>
    public Pose Inverse()
    {
        var determinant = XX * YY - XY * YX;
        var (xx, xy, yx, yy) = (YY / determinant, -XY / determinant, -YX / determinant, XX / determinant);
        return new(xx, xy, yx, yy, -(xx * X + xy * Y), -(yx * X + yy * Y));
    }
}
