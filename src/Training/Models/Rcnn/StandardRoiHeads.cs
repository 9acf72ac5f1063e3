using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Losses;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>One box head on the proposals, as in Faster R-CNN, and a mask head beside it, as in Mask R-CNN.</summary>
/// <remarks>Keys: <c>head.*</c>, <c>predictor.*</c>, <c>mask.*</c>. Letters: B images, R proposals, S of all images together that count, K categories.</remarks>
internal sealed class StandardRoiHeads : RoiHeads
{
    private static readonly BoxCoder Coder = new(10, 10, 5, 5);

    private readonly BoxHead head;
    private readonly BoxPredictor predictor;
    private readonly MaskBranch? mask;
    private readonly RcnnOptions options;
    private readonly DialectRules rules;
    private readonly RoiPooler pooler;

    /// <param name="channels">Channels of the levels.</param>
    /// <param name="options">The detector's options.</param>
    /// <param name="init">Fills the weights.</param>
    public StandardRoiHeads(int channels, RcnnOptions options, Initialisation init) : base(nameof(StandardRoiHeads))
    {
        (this.options, rules) = (options, DialectRules.Of(options.Dialect));
        var sampling = options.Sampling ?? rules.Sampling;
        pooler = new RoiPooler(options.BoxHead.PoolSize, sampling, rules);
        head = new BoxHead(channels, options.BoxHead, init);
        predictor = new BoxPredictor(options.BoxHead.Width, options.CategoryCount, options.BoxHead.ClassAgnostic, rules, init);
        if (options.Mask is { } heads)
            mask = new MaskBranch(channels, options.CategoryCount, heads, sampling, rules, heads: 1, init);
        RegisterComponents();
    }

    /// <summary>The losses <c>class</c>, <c>box</c> and, where masks are learnt, <c>mask</c>; observed is <c>foreground</c>, the number of objects among the rows of an image.</summary>
    /// <inheritdoc/>
    public override DetectorLosses Train(IReadOnlyList<FeatureLevel> levels, ProposalSet proposals, TrainingInput input, PaddedTargets targets)
    {
        using var scope = NewDisposeScope();
        var rows = RoiSampling.Draw(proposals, targets, options, ~input.Seed);                           // the proposals drew with the seed itself
        var (images, count) = (rows.Boxes.shape[0], rows.Boxes.shape[1]);
        var image = arange(images, dtype: int64, device: rows.Boxes.device).repeat_interleave(count);    // [B S]
        var (logits, deltas) = predictor.Predict(head.call(new(pooler.Pool(levels, rows.Boxes.flatten(0, 1), image))));
        var (classLoss, boxLoss) = BoxHeadLoss.Compute(logits.Value, deltas.Value, rows, targets.Boxes, Coder, rules.BoxBeta);

        var parts = new Dictionary<string, Tensor> { ["class"] = classLoss, ["box"] = boxLoss };
        if (mask is not null)
            parts["mask"] = mask.Loss(0, levels, rows, input.Targets, targets.Sizes);
        foreach (var part in parts.Values)
            part.MoveToOuterDisposeScope();
        var foreground = rows.Positive.sum().to_type(float32) / images;
        return new(parts.Values.Aggregate((sum, part) => sum + part).MoveToOuterDisposeScope(), parts)
        { Observations = new Dictionary<string, Tensor> { ["foreground"] = foreground.MoveToOuterDisposeScope() } };
    }

    /// <inheritdoc/>
    public override DetectorOutput Detect(IReadOnlyList<FeatureLevel> levels, TracedProposals proposals, TracedTensor limits, ThresholdShift shift)
    {
        using var scope = NewDisposeScope();
        var boxes = proposals.Boxes.GatherPlaces(proposals.Places);                                      // [S, 4]
        var images = proposals.Places.Slice(1, 0, 1).Reshape(-1);
        TracedTensor logits, deltas;
        using (Tracer.CountAs(boxes, options.Proposals.PostNmsTest))
            (logits, deltas) = predictor.Predict(head.call(pooler.Pool(levels, boxes, images)));
        var scores = logits.Softmax(1).Slice(1, 0, options.CategoryCount);                               // [S, K]
        var moved = Coder.Decode(deltas, boxes.Unsqueeze(1));                                            // [S, K or 1, 4]
        var found = BoxDecoding.Detect(
            moved.ScatterPlaces(proposals.Places, proposals.Boxes), scores.ScatterPlaces(proposals.Places, proposals.Boxes), limits, options, shift);
        return (mask is null ? found : found with { Masks = mask.Detect(levels, found.Boxes, found.Labels) }).MoveToOuterDisposeScope();
    }
}
