using Serve.Training.Models.Necks;

namespace Serve.Training.Models.Fcos;

/// <summary>Which published form of FCOS.</summary>
public enum FcosVersion
{
    /// <summary>The authors' later code: objects at the cells around their centre, GIoU, centre-ness on the box tower, distances in strides through a ReLU.</summary>
    Improved,

    /// <summary>The paper: objects at all cells inside, -ln IoU, centre-ness on the class tower, distances in pixels through an exponential.</summary>
    Original,
}

/// <summary>Size and inference settings of an FCOS detector.</summary>
public sealed record FcosOptions : DetectorOptions
{
    /// <summary>A ResNet-18 with levels P3 to P7 and a largest IoU of 0.6, unless told otherwise.</summary>
    public FcosOptions()
    {
        Backbone = new() { Depth = 18 };
        Neck = NeckOptions.Dense;
        NmsIouThreshold = 0.6;
    }

    /// <summary>Which published form.</summary>
    public FcosVersion Version { get; init; }

    /// <summary>Convolutions in each tower of the head, which always has group normalisation.</summary>
    public int TowerDepth { get; init; } = 4;

    /// <summary>Probability of each class at each location at the start of training.</summary>
    public double PriorProbability { get; init; } = 0.01;

    /// <summary>Candidates of one image and level, at most.</summary>
    public int CandidatesPerLevel { get; init; } = 1000;

    /// <inheritdoc/>
    public override Detector Create(long seed) => new FcosDetector(this, seed);

    /// <inheritdoc/>
    protected override IEnumerable<string> Faults()
    {
        if (TowerDepth < 0)
            yield return OptionFault.Of(nameof(TowerDepth), TowerDepth, "0 or more");
        if (PriorProbability is not (> 0 and < 1))
            yield return OptionFault.Of(nameof(PriorProbability), PriorProbability, "between 0 and 1");
        if (CandidatesPerLevel < 1)
            yield return OptionFault.Of(nameof(CandidatesPerLevel), CandidatesPerLevel, "1 or more");
    }
}
