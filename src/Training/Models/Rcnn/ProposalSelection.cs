using Serve.Training.Boxes;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>Chooses the proposals of each image from the predictions of all levels.</summary>
/// <remarks>
/// Of each level the best by objectness; boxes are moved and clipped, those without area dropped; suppression within each level; of all levels the best. Logits may be
/// negative, so an empty row is one far below all of them: it stays out of every choice by itself. Letters: B images, L levels, M candidates, R rows put out.
/// </remarks>
internal static class ProposalSelection
{
    // Not minus infinity, which runtimes may turn into no number when they rearrange products.
    private const double Blank = -1e30;
    private const double AboveBlank = -1e29;

    private static readonly BoxCoder Coder = new(1, 1, 1, 1);

    /// <summary>The best proposals, falling.</summary>
    /// <param name="levels">Predictions, finest first.</param>
    /// <param name="limits">[B, 1, 4] width, height, width, height where boxes are clipped.</param>
    /// <param name="perLevel">Candidates of each level, at most.</param>
    /// <param name="perImage">Rows put out, at most.</param>
    /// <param name="nmsIou">Largest IoU of two proposals of one level.</param>
    /// <returns>Boxes [B, R, 4], logits [B, R]; <see cref="IsProposal"/> tells which rows count.</returns>
    public static (TracedTensor Boxes, TracedTensor Logits) Best(
        IReadOnlyList<ProposalLevel> levels, TracedTensor limits, int perLevel, int perImage, double nmsIou)
    {
        var candidates = levels.Select((level, index) => Candidates(level, index, limits, perLevel)).ToList();
        var boxes = Shapes.Concat(1, [.. candidates.Select(one => one.Boxes)]);                          // [B, M, 4]
        var logits = Shapes.Concat(1, [.. candidates.Select(one => one.Logits)]);                        // [B, M]
        var numbers = Shapes.Concat(0, [.. candidates.Select(one => one.Level)]);                        // [M]

        // Levels are the classes of the suppression: a candidate stands in the row of its own level alone.
        var rows = new TracedTensor(arange(levels.Count, dtype: int64, device: boxes.Value.device).unsqueeze(1));
        var perRow = numbers.Unsqueeze(0).EqualTo(rows).Where(logits.Unsqueeze(1), logits.Like(Blank));  // [B, L, M]
        var places = boxes.SelectBoxes(perRow, (float)nmsIou, (float)AboveBlank, perImage);

        var (best, order) = logits.KeepOnly(places, Blank).TopK(perImage);                               // [B, R]
        return (boxes.GatherRows(order), best);
    }

    /// <summary>Which rows are proposals. [B, R] bool.</summary>
    public static TracedTensor IsProposal(TracedTensor logits) => logits.GreaterThan(logits.Like(AboveBlank));

    private static (TracedTensor Boxes, TracedTensor Logits, TracedTensor Level) Candidates(ProposalLevel level, int index, TracedTensor limits, int perLevel)
    {
        var (logits, places) = level.Logits.TopK(perLevel);                                              // [B, k]
        var moved = Coder.Decode(level.Deltas.GatherRows(places), level.Anchors.GatherRows0(places));    // [B, k, 4]
        var boxes = moved.Maximum(moved.Like(0)).Minimum(limits);
        var sides = boxes.Slice(2, 2, 4) - boxes.Slice(2, 0, 2);
        var smaller = sides.Slice(2, 0, 1).Minimum(sides.Slice(2, 1, 2)).Reshape(0, -1);                 // [B, k]
        var count = logits.Iota(1);
        return (boxes, smaller.GreaterThan(smaller.Like(0)).Where(logits, logits.Like(Blank)), count * 0 + index);
    }
}
