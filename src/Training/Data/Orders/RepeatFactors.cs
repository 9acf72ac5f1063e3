namespace Serve.Training.Data.Orders;

/// <summary>Repeat-factor sampling: how often an epoch shows each image, so that rare categories are seen more often.</summary>
/// <remarks>
/// Gupta, Dollár, Girshick, "LVIS: A Dataset for Large Vocabulary Instance Segmentation", CVPR 2019: f(c) is the share of images that hold category c;
/// r(c) = max(1, sqrt(t / f(c))); an image has the greatest r of its categories, and 1 without any.
/// </remarks>
internal static class RepeatFactors
{
    /// <summary>The factor of each image.</summary>
    /// <param name="images">Positions of the images to choose from.</param>
    /// <param name="labelsOf">Labels of an image's objects; the same one may occur several times.</param>
    /// <param name="threshold">t above.</param>
    /// <returns>One number an image, in their order, 1 or more.</returns>
    public static double[] Of(IReadOnlyList<int> images, Func<int, IEnumerable<int>> labelsOf, double threshold)
    {
        var holding = new Dictionary<int, int>();
        foreach (var label in images.SelectMany(image => labelsOf(image).Distinct()))
            holding[label] = holding.GetValueOrDefault(label) + 1;

        return [.. images.Select(image => labelsOf(image).Select(FactorOf).DefaultIfEmpty(1).Max())];

        double FactorOf(int label) => Math.Max(1, Math.Sqrt(threshold * images.Count / holding[label]));
    }
}
