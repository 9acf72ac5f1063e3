using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>What each cell of a batch should predict. B images, L cells of all levels (<see cref="FcosLevelGrid"/>).</summary>
/// <param name="Positive">[B, L] bool: the cell has an object.</param>
/// <param name="Ignored">[B, L] bool: no object, but inside a crowd region: neither object nor background.</param>
/// <param name="Labels">[B, L] int64 category index; meaningless where not positive.</param>
/// <param name="Distances">[B, L, 4] float32 left, top, right, bottom, in strides; ones where not positive.</param>
/// <param name="Centerness">[B, L] float32, 0..1; one where not positive.</param>
public sealed record FcosTargets(Tensor Positive, Tensor Ignored, Tensor Labels, Tensor Distances, Tensor Centerness)
{
    /// <summary>Half the side of the square around an object's centre in which cells are positive, in strides.</summary>
    public const float CentreRadius = 1.5f;

    /// <summary>
    /// Assigns objects to cells: the centre of the cell lies strictly inside the box and, with centre sampling, inside the square of
    /// <see cref="CentreRadius"/> around the box's centre, and the largest of the four distances is in the range of the level
    /// (both ends included, so 64 belongs to two levels). Of several objects the one with the smallest area wins.
    /// </summary>
    /// <remarks>Tian et al., "FCOS", ICCV 2019, section 3, with the centre sampling of the journal version.</remarks>
    /// <param name="grid">The cells.</param>
    /// <param name="targets">Objects and crowd regions; no cell lies strictly inside the zero boxes of rows that are not valid.</param>
    /// <param name="centreSampling">Whether only cells near the centre are positive.</param>
    /// <returns>Five tensors, moved to the caller's dispose scope.</returns>
    public static FcosTargets Assign(FcosLevelGrid grid, PaddedTargets targets, bool centreSampling = true)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        var x = grid.X.view(1, -1, 1);                                                  // [1, L, 1]
        var y = grid.Y.view(1, -1, 1);
        var reach = grid.Stride.view(1, -1, 1) * CentreRadius;
        var (x1, y1, x2, y2) = Corners(targets.Boxes);                                  // each [B, 1, N]

        var left = x - x1;                                                              // [B, L, N]
        var top = y - y1;
        var right = x2 - x;
        var bottom = y2 - y;
        var largest = maximum(maximum(left, right), maximum(top, bottom));
        var candidate = minimum(minimum(left, right), minimum(top, bottom)) > 0;
        if (centreSampling)
            candidate &= ((x - (x1 + x2) / 2).abs() < reach) & ((y - (y1 + y2) / 2).abs() < reach);
        candidate &= (largest >= grid.Lower.view(1, -1, 1)) & (largest <= grid.Upper.view(1, -1, 1));

        var area = (x2 - x1) * (y2 - y1);                                               // [B, 1, N]
        var (smallest, owner) = where(candidate, area, float.PositiveInfinity).min(2);  // [B, L]
        var positive = isfinite(smallest);

        var distances = stack([Chosen(left), Chosen(top), Chosen(right), Chosen(bottom)], 2) / grid.Stride.view(1, -1, 1);
        distances = where(positive.unsqueeze(2), distances, 1f);                        // [B, L, 4]
        var result = new FcosTargets(positive, Inside(grid, targets.Crowds) & ~positive, targets.Labels.gather(1, owner), distances, CenternessOf(distances));
        foreach (var tensor in new[] { result.Positive, result.Ignored, result.Labels, result.Distances, result.Centerness })
            tensor.MoveToOuterDisposeScope();
        return result;

        Tensor Chosen(Tensor distance) => distance.gather(2, owner.unsqueeze(2)).squeeze(2);
    }

    /// <summary>How central a cell is in its box: sqrt(min(l, r) / max(l, r) * min(t, b) / max(t, b)). FCOS, equation 3.</summary>
    /// <param name="distances">[..., 4] left, top, right, bottom, all above 0, in any unit.</param>
    /// <returns>[...], 0..1, in the current dispose scope.</returns>
    public static Tensor CenternessOf(Tensor distances)
    {
        var (left, top, right, bottom) = (distances[.., .., 0], distances[.., .., 1], distances[.., .., 2], distances[.., .., 3]);
        var horizontal = minimum(left, right) / maximum(left, right);
        var vertical = minimum(top, bottom) / maximum(top, bottom);
        return sqrt(horizontal * vertical);
    }

    private static Tensor Inside(FcosLevelGrid grid, Tensor crowds)
    {
        var x = grid.X.view(1, -1, 1);
        var y = grid.Y.view(1, -1, 1);
        var (x1, y1, x2, y2) = Corners(crowds);
        return ((x > x1) & (x < x2) & (y > y1) & (y < y2)).any(2);                      // [B, L]
    }

    private static (Tensor X1, Tensor Y1, Tensor X2, Tensor Y2) Corners(Tensor boxes)   // [B, N, 4] -> each [B, 1, N]
    {
        var corners = boxes.unsqueeze(1).unbind(3);
        return (corners[0], corners[1], corners[2], corners[3]);
    }
}
