namespace Serve.Eval;

/// <summary>What the size of an object is.</summary>
public enum SizeMeasure
{
    /// <summary>Its area, square pixels of the original image.</summary>
    Area,

    /// <summary>The square root of its area: the side of a square as large, in pixels of the original image.</summary>
    Scale,

    /// <summary>The square root of its part of the image's area: 1 for an object as large as the image, the same however the image is resized.</summary>
    RelativeScale,
}

/// <summary>What sizes can be.</summary>
internal static class SizeMeasures
{
    // The references have no "no limit"; they take sizes that no image reaches: a side of 100,000 pixels, and its square.
    private const double UnlimitedScale = 1e5;
    private const double UnlimitedArea = UnlimitedScale * UnlimitedScale;

    /// <summary>Whether the upper end of a range stands for no limit.</summary>
    public static bool IsUnlimited(this SizeMeasure measure, double upper) => measure switch
    {
        SizeMeasure.Area => upper >= UnlimitedArea,
        SizeMeasure.Scale => upper >= UnlimitedScale,
        // 1 is the whole image.
        _ => double.IsPositiveInfinity(upper),
    };
}
