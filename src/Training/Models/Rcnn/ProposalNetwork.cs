using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Losses;
using Serve.Training.Models.Layers;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Training.Models.Rcnn;

/// <summary>The region proposal network: at every cell of every level, which anchors hold an object, and how they have to be moved.</summary>
/// <remarks>
/// Ren et al., "Faster R-CNN", 2015, section 3.1, on the levels of a pyramid as in Lin et al., "Feature Pyramid Networks", CVPR 2017, section 4.1: one head for all of
/// them. Weights start from N(0, 0.01). Keys: <c>conv.0</c>, ..., <c>objectness</c>, <c>deltas</c>.
/// </remarks>
internal sealed class ProposalNetwork : nn.Module
{
    private readonly ModuleList<ConvolutionLayer> conv = [];
    private readonly ConvolutionLayer objectness;
    private readonly ConvolutionLayer deltas;
    private readonly ProposalOptions options;
    private readonly DialectRules rules;

    /// <param name="channels">Channels of the levels.</param>
    /// <param name="options">Anchors and numbers.</param>
    /// <param name="rules">What the dialect decides.</param>
    /// <param name="init">Fills the weights.</param>
    public ProposalNetwork(int channels, ProposalOptions options, DialectRules rules, Initialisation init) : base(nameof(ProposalNetwork))
    {
        (this.options, this.rules) = (options, rules);
        var normal = init.Normal(0.01);
        for (var i = 0; i < options.HeadDepth; i++)
            conv.Add(new ConvolutionLayer(channels, channels, 3, normal));
        var anchors = options.Anchors.PerCell(0);
        objectness = new ConvolutionLayer(channels, anchors, 1, normal);
        deltas = new ConvolutionLayer(channels, 4 * anchors, 1, normal);
        RegisterComponents();
    }

    /// <summary>Raw predictions of each level.</summary>
    /// <param name="levels">Features, finest first; as many as the anchors have sizes.</param>
    public IReadOnlyList<ProposalLevel> Predict(IReadOnlyList<FeatureLevel> levels) => [.. levels.Select(Predict)];

    /// <summary>The losses, and the proposals that the second part is trained on.</summary>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="targets">Ground truth.</param>
    /// <param name="seed">Seed of the anchors drawn.</param>
    /// <returns>In the caller's dispose scope; the proposals are without gradient.</returns>
    public (ProposalSet Proposals, Tensor ObjectnessLoss, Tensor BoxLoss) Train(IReadOnlyList<FeatureLevel> levels, PaddedTargets targets, long seed)
    {
        using var scope = NewDisposeScope();
        var predictions = Predict(levels);

        var anchors = cat([.. predictions.Select(level => level.Anchors.Value)]);                        // [N, 4]
        var matches = new AnchorMatcher(options.PositiveIou, options.NegativeIou, lowQuality: true).Match(anchors, targets);
        var rows = new RandomSampler(options.Samples, options.PositiveShare).Sample(matches.Labels, seed).TrimmedOnCpu();
        var (objectnessLoss, boxLoss) = ProposalLoss.Compute(
            cat([.. predictions.Select(level => level.Logits.Value)], 1), cat([.. predictions.Select(level => level.Deltas.Value)], 1), anchors, targets, matches, rows,
            options.Samples, rules.ProposalBeta);
        return (Select(predictions, targets).MoveToOuterDisposeScope(), objectnessLoss.MoveToOuterDisposeScope(), boxLoss.MoveToOuterDisposeScope());
    }

    /// <summary>The proposals to detect on. Traced.</summary>
    /// <param name="levels">Features, finest first.</param>
    /// <param name="limits">[B, 1, 4] width, height, width, height where boxes are clipped.</param>
    /// <param name="shift">Moves the IoU of the suppression.</param>
    /// <returns>In the current dispose scope.</returns>
    public TracedProposals Detect(IReadOnlyList<FeatureLevel> levels, TracedTensor limits, ThresholdShift shift)
    {
        var nmsIou = Math.Clamp(options.NmsIou + shift.Suppression, 0, 1);
        var (boxes, logits) = ProposalSelection.Best(Predict(levels), limits, options.PreNmsTest, options.PostNmsTest, nmsIou);
        var row = logits.Iota(1);
        return new(boxes, ProposalSelection.IsProposal(logits).Or(row.EqualTo(row.Like(0))).WhereTrue());
    }

    private ProposalSet Select(IReadOnlyList<ProposalLevel> predictions, PaddedTargets targets)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var limits = new TracedTensor(cat([targets.Sizes, targets.Sizes], 1).unsqueeze(1));
        var (boxes, logits) = ProposalSelection.Best(predictions, limits, options.PreNmsTrain, options.PostNmsTrain, options.NmsIou);
        return new ProposalSet(boxes.Value, logits.Value, ProposalSelection.IsProposal(logits).Value).MoveToOuterDisposeScope();
    }

    private ProposalLevel Predict(FeatureLevel level, int index)
    {
        var x = conv.Aggregate(level.Map, (features, layer) => layer.call(features).Relu());
        var logits = objectness.call(x).Permute(0, 2, 3, 1).Reshape(0, -1);                              // [B, h w A]
        var moves = deltas.call(x).Permute(0, 2, 3, 1).Reshape(0, -1, 4);                                // [B, h w A, 4]
        return new(AnchorGrid.Of(options.Anchors, index, level.Map, level.Stride, rules.WholePixelAnchors), logits, moves);
    }
}
