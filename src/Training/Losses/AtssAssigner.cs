using Serve.Training.Boxes;
using Serve.Training.Data;
using static TorchSharp.torch;

namespace Serve.Training.Losses;

/// <summary>Chooses the anchors of an object by a threshold that follows from the object's own candidates.</summary>
/// <remarks>
/// Zhang et al., "Bridging the gap between anchor-based and anchor-free detection via adaptive training sample selection", CVPR 2020, algorithm 1. Candidates are the
/// anchors of each level whose centres are nearest to the object's; positive are those whose IoU reaches the candidates' mean plus their (sample) standard deviation
/// and whose centre lies inside the object. An anchor of several objects goes to the one it overlaps most.
/// </remarks>
public static class AtssAssigner
{
    // How far inside the box, in pixels, the centre of a positive anchor lies: the authors' code.
    private const double Inside = 0.01;

    /// <summary>Assigns objects to anchors. B images, G ground truths, N anchors, C candidates of a ground truth.</summary>
    /// <param name="anchors">[N, 4] xyxy, input pixels, level by level.</param>
    /// <param name="perLevel">Anchors of each level; together N.</param>
    /// <param name="targets">Objects.</param>
    /// <param name="nearest">Candidates of a level, where it has so many.</param>
    /// <returns>Nothing is ignored; moved to the caller's dispose scope.</returns>
    public static AnchorMatches Assign(Tensor anchors, IReadOnlyList<long> perLevel, PaddedTargets targets, int nearest)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();

        var iou = BoxOverlap.Iou(targets.Boxes, anchors.expand(targets.Boxes.shape[0], -1, -1));     // [B, G, N]
        var (x, y) = Centres(anchors);                                                               // [N]
        var candidates = Nearest(x, y, perLevel, targets.Boxes, nearest);                            // [B, G, C]
        var ofCandidates = iou.gather(2, candidates);
        var threshold = ofCandidates.mean([2], keepdim: true) + ofCandidates.std(2, unbiased: true, keepdim: true);

        var corners = targets.Boxes.unsqueeze(2).unbind(3);                                          // x1, y1, x2, y2: [B, G, 1]
        var (column, row) = (x.take(candidates), y.take(candidates));
        var margin = minimum(minimum(column - corners[0], row - corners[1]), minimum(corners[2] - column, corners[3] - row));
        var chosen = (ofCandidates >= threshold) & (margin > Inside) & targets.Valid.unsqueeze(2);

        var (best, owner) = full_like(iou, -1).scatter(2, candidates, where(chosen, ofCandidates, -1)).max(1); // [B, N]
        var positive = best >= 0;
        return new AnchorMatches(
            positive.to_type(int8).MoveToOuterDisposeScope(), owner.MoveToOuterDisposeScope(), best.clamp(min: 0).MoveToOuterDisposeScope());
    }

    private static Tensor Nearest(Tensor x, Tensor y, IReadOnlyList<long> perLevel, Tensor boxes, int nearest)
    {
        var (middleX, middleY) = Centres(boxes);                                                     // [B, G]
        var distance = (middleX.unsqueeze(2) - x).square() + (middleY.unsqueeze(2) - y).square();    // [B, G, N]
        var (chosen, first) = (new List<Tensor>(), 0L);
        foreach (var count in perLevel)
        {
            chosen.Add(distance.narrow(2, first, count).topk((int)Math.Min(nearest, count), dim: 2, largest: false).indexes + first);
            first += count;
        }

        return cat(chosen, 2);
    }

    private static (Tensor X, Tensor Y) Centres(Tensor boxes)
    {
        var corners = boxes.unbind(-1);
        return ((corners[0] + corners[2]) / 2, (corners[1] + corners[3]) / 2);
    }
}
