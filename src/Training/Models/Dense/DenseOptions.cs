using Serve.Training.Boxes;
using Serve.Training.Models.Necks;

namespace Serve.Training.Models.Dense;

/// <summary>Size and inference settings of a detector that predicts at every anchor of every cell.</summary>
public sealed record DenseOptions : DetectorOptions
{
    /// <summary>Levels P3 to P7 and a largest IoU of 0.6, unless told otherwise.</summary>
    public DenseOptions()
    {
        Neck = NeckOptions.Dense;
        NmsIouThreshold = 0.6;
    }

    /// <summary>Assignment, predictions and losses.</summary>
    public DenseKind Kind { get; init; } = DenseKind.Atss;

    /// <summary>Convolutions in each tower of the head.</summary>
    public int TowerDepth { get; init; } = 4;

    /// <summary>Normalisation in the towers; null for none.</summary>
    public Norm? TowerNorm { get; init; } = Norm.Group();

    /// <summary>Sides of the anchors of a cell, in strides.</summary>
    public IReadOnlyList<double> AnchorSides { get; init; } = [8];

    /// <summary>Heights of the anchors over their widths; each side comes with each of them.</summary>
    public IReadOnlyList<double> AnchorRatios { get; init; } = [1];

    /// <summary>Anchors of a level that are candidates for an object: those whose centres are nearest. RetinaNet has no such choice.</summary>
    public int NearestAnchors { get; init; } = 9;

    /// <summary>Largest distance of a side from the anchor's centre in <see cref="DenseKind.Gfl"/>, in strides; there is a bin for each whole one from 0.</summary>
    public int LargestDistance { get; init; } = 16;

    /// <summary>Weight of the box loss.</summary>
    public double BoxWeight { get; init; } = 2;

    /// <summary>Weight of the loss of the distributions in <see cref="DenseKind.Gfl"/>.</summary>
    public double DistributionWeight { get; init; } = 0.25;

    /// <summary>Probability of each class at each anchor at the start of training.</summary>
    public double PriorProbability { get; init; } = 0.01;

    /// <summary>Candidates of one image and level, at most.</summary>
    public int CandidatesPerLevel { get; init; } = 1000;

    /// <summary>Anchors of a cell.</summary>
    internal int AnchorCount => AnchorSides.Count * AnchorRatios.Count;

    /// <summary>Channels of the box predictions of one anchor.</summary>
    internal int BoxChannels => Kind == DenseKind.Gfl ? 4 * (LargestDistance + 1) : 4;

    /// <inheritdoc/>
    public override Detector Create(long seed) => new DenseDetector(this, seed);

    /// <inheritdoc/>
    public override DetectorOptions Shrunk() => (DenseOptions)base.Shrunk() with { TowerDepth = Math.Min(TowerDepth, 1) };

    /// <summary>The anchors of levels with these strides.</summary>
    internal AnchorSpec Anchors(IReadOnlyList<int> strides) => new()
    {
        Sizes = [.. strides.Select(IReadOnlyList<double> (stride) => [.. AnchorSides.Select(side => side * stride)])],
        Ratios = AnchorRatios,
    };

    /// <inheritdoc/>
    protected override IEnumerable<string> Faults()
    {
        if (TowerDepth < 0)
            yield return OptionFault.Of(nameof(TowerDepth), TowerDepth, "0 or more");
        if (AnchorSides.Count == 0 || !AnchorSides.All(side => side > 0))
            yield return OptionFault.Of(nameof(AnchorSides), string.Join(", ", AnchorSides), "numbers above 0");
        if (AnchorRatios.Count == 0 || !AnchorRatios.All(ratio => ratio > 0))
            yield return OptionFault.Of(nameof(AnchorRatios), string.Join(", ", AnchorRatios), "numbers above 0");
        if (Kind == DenseKind.Gfl && AnchorCount != 1)
            yield return OptionFault.Of($"{nameof(AnchorSides)} x {nameof(AnchorRatios)}", AnchorCount, "1, as distances start from a cell's one centre");
        if (NearestAnchors < 1)
            yield return OptionFault.Of(nameof(NearestAnchors), NearestAnchors, "1 or more");
        if (LargestDistance < 1)
            yield return OptionFault.Of(nameof(LargestDistance), LargestDistance, "1 or more");
        if (BoxWeight is not (> 0 and <= 100))
            yield return OptionFault.Of(nameof(BoxWeight), BoxWeight, "above 0 up to 100");
        if (DistributionWeight is not (>= 0 and <= 100))
            yield return OptionFault.Of(nameof(DistributionWeight), DistributionWeight, "0 to 100");
        if (PriorProbability is not (> 0 and < 1))
            yield return OptionFault.Of(nameof(PriorProbability), PriorProbability, "between 0 and 1");
        if (CandidatesPerLevel < 1)
            yield return OptionFault.Of(nameof(CandidatesPerLevel), CandidatesPerLevel, "1 or more");
    }
}
