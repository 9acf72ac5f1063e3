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
