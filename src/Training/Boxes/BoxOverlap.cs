using static TorchSharp.torch;

namespace Serve.Training.Boxes;

/// <summary>How much boxes overlap. Boxes are [..., 4] xyxy in any unit; areas without extent overlap nothing.</summary>
public static class BoxOverlap
{
    /// <summary>Intersection over union of every pair.</summary>
    /// <param name="a">[B, G, 4].</param>
    /// <param name="b">[B, N, 4], or [1, N, 4] where all images have the same.</param>
    /// <returns>[B, G, N], 0..1; 0 for two boxes without area. Moved to the caller's dispose scope.</returns>
    public static Tensor Iou(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var (first, second) = (a.unsqueeze(2), b.unsqueeze(1));                             // [B, G, 1, 4], [B, 1, N, 4]
        var intersection = Intersection(first, second);                                     // [B, G, N]
        var union = Area(first) + Area(second) - intersection;
        return Share(intersection, union).MoveToOuterDisposeScope();
    }

    /// <summary>The share of each box that lies in each region, such as those of crowds.</summary>
    /// <param name="boxes">[B, N, 4].</param>
    /// <param name="regions">[B, M, 4].</param>
    /// <returns>[B, N, M], 0..1; 0 for a box without area. Moved to the caller's dispose scope.</returns>
    public static Tensor InsideShare(Tensor boxes, Tensor regions)
    {
        using var scope = NewDisposeScope();
        var first = boxes.unsqueeze(2);                                                     // [B, N, 1, 4]
        return Share(Intersection(first, regions.unsqueeze(1)), Area(first)).MoveToOuterDisposeScope();
    }

    /// <summary>Generalised intersection over union of boxes that belong together.</summary>
    /// <remarks>Rezatofighi et al., "Generalized Intersection over Union", CVPR 2019: the IoU less the share of the smallest box around both that neither covers.</remarks>
    /// <param name="a">[..., 4].</param>
    /// <param name="b">The same shape.</param>
    /// <returns>[...], -1..1, with a finite gradient. Moved to the caller's dispose scope.</returns>
    public static Tensor Giou(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var intersection = Intersection(a, b);
        var union = Area(a) + Area(b) - intersection;
        var (first, second) = (a.unbind(-1), b.unbind(-1));
        var hull = (maximum(first[2], second[2]) - minimum(first[0], second[0])) * (maximum(first[3], second[3]) - minimum(first[1], second[1]));
        return (Share(intersection, union) - Share(hull - union, hull)).MoveToOuterDisposeScope();
    }

    private static Tensor Intersection(Tensor a, Tensor b)
    {
        var (first, second) = (a.unbind(-1), b.unbind(-1));                                 // x1, y1, x2, y2
        var width = (minimum(first[2], second[2]) - maximum(first[0], second[0])).clamp(min: 0);
        var height = (minimum(first[3], second[3]) - maximum(first[1], second[1])).clamp(min: 0);
        return width * height;
    }

    private static Tensor Area(Tensor boxes)
    {
        var corners = boxes.unbind(-1);
        return (corners[2] - corners[0]) * (corners[3] - corners[1]);
    }

    private static Tensor Share(Tensor part, Tensor whole) => part / whole.clamp(min: 1e-9);
}
