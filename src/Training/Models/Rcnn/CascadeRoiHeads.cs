using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Losses;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>A chain of box heads with rising IoU thresholds, each on the boxes that the one before it moved.</summary>
/// <remarks>
/// Cai, Vasconcelos, "Cascade R-CNN", CVPR 2018. Moving boxes is the resampling: all rows of a stage go on, without gradient through their corners, and are labelled
/// anew. With one stage it computes what <see cref="StandardRoiHeads"/> does with moves that are the same for all classes.
/// Keys: <c>stage.0..</c>, <c>mask.*</c>. Letters: B images, S rows each in training, R proposals, S of all images together that count in inference, K categories.
/// </remarks>
internal sealed class CascadeRoiHeads : RoiHeads
{
    private readonly ModuleList<CascadeStage> stage = [];
    private readonly MaskBranch? mask;
    private readonly RcnnOptions options;
    private readonly CascadeOptions cascade;
    private readonly DialectRules rules;
    private readonly RoiPooler pooler;

    /// <param name="channels">Channels of the levels.</param>
    /// <param name="options">The detector's options.</param>
    /// <param name="cascade">Its cascade.</param>
    /// <param name="init">Fills the weights.</param>
    public CascadeRoiHeads(int channels, RcnnOptions options, CascadeOptions cascade, Initialisation init) : base(nameof(CascadeRoiHeads))
    {
        (this.options, this.cascade, rules) = (options, cascade, DialectRules.Of(options.Dialect));
        var sampling = options.Sampling ?? rules.Sampling;
        pooler = new RoiPooler(options.BoxHead.PoolSize, sampling, rules);
        foreach (var weights in cascade.Weights)
            stage.Add(new CascadeStage(channels, options, weights, init));
        if (options.Mask is { } heads)
            mask = new MaskBranch(channels, options.CategoryCount, heads, sampling, rules, cascade.Masks == MaskPlacement.EveryStage ? stage.Count : 1, init);
        RegisterComponents();
    }

    /// <summary>
    /// The losses <c>stage1Class</c>, <c>stage1Box</c> and so on, weighted, and <c>mask</c>; observed are <c>stage1Iou</c>, the mean IoU of the boxes that
    /// the stage looks at, and <c>stage1Foreground</c>, the share of objects among them.
    /// </summary>
    /// <inheritdoc/>
    public override DetectorLosses Train(IReadOnlyList<FeatureLevel> levels, ProposalSet proposals, TrainingInput input, PaddedTargets targets)
    {
        using var scope = NewDisposeScope();
        var (parts, observations) = (new Dictionary<string, Tensor>(), new Dictionary<string, Tensor>());
        var rows = Draw(0, proposals, targets, input.Seed);
        Tensor? masks = null;
        for (var t = 0; ; t++)
        {
            var (classLoss, boxLoss, moved) = Learn(stage[t], levels, rows, targets.Boxes);
            (parts[$"stage{t + 1}Class"], parts[$"stage{t + 1}Box"]) = (classLoss * cascade.LossWeights[t], boxLoss * cascade.LossWeights[t]);
            var count = rows.Valid.sum().clamp(min: 1);
            observations[$"stage{t + 1}Iou"] = (rows.Iou * rows.Valid).sum() / count;
            observations[$"stage{t + 1}Foreground"] = rows.Positive.sum() / count;
            if (mask is not null && LearnsMasks(t))
            {
                var loss = mask.Loss(cascade.Masks == MaskPlacement.EveryStage ? t : 0, levels, rows, input.Targets, targets.Sizes);
                if (cascade.Masks == MaskPlacement.EveryStage)
                    loss *= cascade.LossWeights[t];
                masks = masks is null ? loss : masks + loss;
            }

            if (t == stage.Count - 1)
                break;
            rows = CascadeRows.Next(rows, moved, targets, cascade.Thresholds[t + 1], cascade.RemoveTruth, options.CategoryCount);
            if (cascade.Resample)
                rows = Draw(t + 1, new ProposalSet(rows.Boxes, rows.Iou, rows.Valid), targets, input.Seed);
        }

        if (masks is not null)
            parts["mask"] = masks;
        foreach (var tensor in parts.Values.Concat(observations.Values))
            tensor.MoveToOuterDisposeScope();
        return new(parts.Values.Aggregate((sum, part) => sum + part).MoveToOuterDisposeScope(), parts) { Observations = observations };
    }

    /// <inheritdoc/>
    public override DetectorOutput Detect(IReadOnlyList<FeatureLevel> levels, TracedProposals proposals, TracedTensor limits, ThresholdShift shift)
    {
        using var scope = NewDisposeScope();
        var boxes = proposals.Boxes.GatherPlaces(proposals.Places);                                      // [S, 4]
        var images = proposals.Places.Slice(1, 0, 1).Reshape(-1);
        using var work = Tracer.CountAs(boxes, options.Proposals.PostNmsTest * proposals.Boxes.Value.shape[0]);
        var logits = new List<TracedTensor>();                                                           // [S, K + 1] each
        TracedTensor pooled, moved;
        for (var t = 0; ; t++)
        {
            pooled = pooler.Pool(levels, boxes, images);
            var (classes, deltas) = stage[t].Predict(pooled);
            logits.Add(classes);
            moved = stage[t].Coder.Decode(deltas, boxes.Unsqueeze(1)).ScatterPlaces(proposals.Places, proposals.Boxes); // [B, R, 1, 4]
            if (t == stage.Count - 1)
                break;

            // Clipped image by image, so that the next stage looks at boxes inside; no row is left out, so that rows of all stages belong together.
            boxes = moved.Reshape(0, -1, 4).Maximum(moved.Like(0)).Minimum(limits).GatherPlaces(proposals.Places);
        }

        var scores = Scores(logits, pooled).Slice(1, 0, options.CategoryCount).ScatterPlaces(proposals.Places, proposals.Boxes); // [B, R, K]
        var found = BoxDecoding.Detect(moved, scores, limits, options, shift);
        return (mask is null ? found : found with { Masks = mask.Detect(levels, found.Boxes, found.Labels) }).MoveToOuterDisposeScope();
    }

    // Averaged with the background, which is left out afterwards.
    private TracedTensor Scores(List<TracedTensor> logits, TracedTensor pooled)
    {
        if (cascade.Scores == ScoreEnsemble.LastOnly || stage.Count == 1)
            return logits[^1].Softmax(1);
        var all = cascade.Scores == ScoreEnsemble.PerStage ? logits : [.. stage.Take(stage.Count - 1).Select(one => one.Predict(pooled).Logits), logits[^1]];
        return all.Select(one => one.Softmax(1)).Aggregate((sum, one) => sum + one) * (1.0 / all.Count);
    }

    private (Tensor Class, Tensor Box, Tensor Moved) Learn(CascadeStage one, IReadOnlyList<FeatureLevel> levels, RoiSamples rows, Tensor truths)
    {
        var (images, count) = (rows.Boxes.shape[0], rows.Boxes.shape[1]);
        var image = arange(images, dtype: int64, device: rows.Boxes.device).repeat_interleave(count);    // [B S]
        var boxes = rows.Boxes.flatten(0, 1);
        var pooled = pooler.Pool(levels, boxes, image);
        if (cascade.ScaleFeatureGradient)
            pooled = pooled.detach() + (pooled - pooled.detach()) / stage.Count;                          // the same values
        var (logits, deltas) = one.Predict(new(pooled));
        var (classLoss, boxLoss) = BoxHeadLoss.Compute(logits.Value, deltas.Value, rows, truths, one.Coder, rules.BoxBeta);
        return (classLoss, boxLoss, one.Coder.Decode(deltas.Value.detach().squeeze(1), boxes).view(images, count, 4));
    }

    // The proposals drew with the seed itself.
    private RoiSamples Draw(int index, ProposalSet proposals, PaddedTargets targets, long seed)
        => RoiSampling.Draw(proposals, targets, options with { RoiIou = cascade.Thresholds[index] }, ~(seed + index * 0x5DEECE66DL));

    private bool LearnsMasks(int index) => cascade.Masks switch
    {
        MaskPlacement.LastStage => index == stage.Count - 1,
        MaskPlacement.FirstStageSamples => index == 0,
        _ => true,
    };
}
