using Serve.Training.Boxes;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>Features of boxes, each from the level that suits its size.</summary>
/// <remarks>
/// Lin et al., "Feature Pyramid Networks", CVPR 2017, equation 1: level floor(4 + log2(sqrt(w h) / 224)), within the levels there are. Here the square root of the
/// area is compared with the sizes at which the level changes, so that no logarithm has to be rounded the same everywhere.
/// The level that was pooled from the coarsest one is for proposals alone and never looked at. Letters: S boxes, C channels.
/// </remarks>
/// <param name="size">Bins along an axis.</param>
/// <param name="sampling">Samples along an axis of a bin; 0 for as many as the bin has cells.</param>
/// <param name="rules">What the dialect decides: alignment and what is added to a box's size before the level is chosen.</param>
public sealed class RoiPooler(int size, int sampling, DialectRules rules)
{
    // Stride 32 is that of C5, the coarsest map a backbone has.
    private const int CoarsestStride = 32;

    // A box of the size of the pictures that backbones are pre-trained on belongs to the level of stride 16, C4.
    private const double CanonicalSize = 224;
    private const double CanonicalStride = 16;

    /// <summary>The level of each box.</summary>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="boxes">[S, 4] xyxy, input pixels.</param>
    /// <returns>[S] int64, 0 for the finest.</returns>
    public TracedTensor LevelOf(IReadOnlyList<FeatureLevel> levels, TracedTensor boxes)
    {
        var sides = boxes.Slice(1, 2, 4) - boxes.Slice(1, 0, 2);
        var area = (sides.Slice(1, 0, 1) * sides.Slice(1, 1, 2)).Clamp(lower: 0);
        var relative = area.Sqrt().Reshape(-1) / area.Like(CanonicalSize) + rules.LevelEpsilon;         // [S]
        var level = (relative * 0).Cast(int64);
        foreach (var coarser in Pooled(levels).Skip(1))
            level += relative.GreaterOrEqual(relative.Like(coarser.Stride / CanonicalStride)).Cast(int64);
        return level;
    }

    /// <summary>Features of boxes. Differentiable in the levels.</summary>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="boxes">[S, 4] xyxy, input pixels.</param>
    /// <param name="images">[S] int64, the image of each.</param>
    /// <returns>[S, C, size, size], moved to the caller's dispose scope.</returns>
    public Tensor Pool(IReadOnlyList<FeatureLevel> levels, Tensor boxes, Tensor images)
    {
        using var scope = NewDisposeScope();
        var maps = Pooled(levels).Select(level => (level.Map.Value, level.Stride)).ToList();
        return RoiAlign.Pool(maps, boxes, images, LevelOf(levels, new(boxes.detach())).Value, size, sampling, rules.AlignedPooling).MoveToOuterDisposeScope();
    }

    /// <summary>Features of boxes. Traced: each level's boxes by themselves, then back in their order.</summary>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="boxes">[S, 4] xyxy, input pixels.</param>
    /// <param name="images">[S] int64, the image of each.</param>
    /// <returns>[S, C, size, size].</returns>
    public TracedTensor Pool(IReadOnlyList<FeatureLevel> levels, TracedTensor boxes, TracedTensor images)
    {
        var of = LevelOf(levels, boxes);
        var (order, parts) = (new List<TracedTensor>(), new List<TracedTensor>());
        foreach (var (index, level) in Pooled(levels).Index())
        {
            var rows = of.EqualTo(of.Like(index)).WhereTrue().Reshape(-1);
            order.Add(rows);
            parts.Add(RoiAlign.Pool(level.Map, boxes.GatherRows0(rows), images.GatherRows0(rows), size, level.Stride, sampling, rules.AlignedPooling));
        }

        return Shapes.Concat(0, [.. parts]).GatherRows0(Shapes.Concat(0, [.. order]).InversePermutation());
    }

    private static IEnumerable<FeatureLevel> Pooled(IReadOnlyList<FeatureLevel> levels) => levels.Where(level => level.Stride <= CoarsestStride);
}
