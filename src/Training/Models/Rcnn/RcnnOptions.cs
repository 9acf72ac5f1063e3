using System.Text.Json.Serialization;
using Serve.Training.Boxes;

namespace Serve.Training.Models.Rcnn;

/// <summary>A two-stage detector: proposals, then heads on them.</summary>
public sealed record RcnnOptions : DetectorOptions
{
    /// <summary>Whose conventions it follows.</summary>
    public DetectionDialect Dialect { get; init; }

    /// <summary>The first part.</summary>
    public ProposalOptions Proposals { get; init; } = new();

    /// <summary>The head that classifies and moves boxes.</summary>
    public BoxHeadOptions BoxHead { get; init; } = new();

    /// <summary>The head that cuts objects out of their boxes; null for a detector of boxes.</summary>
    public MaskHeadOptions? Mask { get; init; }

    /// <summary>A chain of heads in place of one; null for one.</summary>
    public CascadeOptions? Cascade { get; init; }

    /// <summary>Samples of RoIAlign along an axis of a bin, 0 for as many as the bin has cells; null for the dialect's.</summary>
    public int? Sampling { get; init; }

    /// <summary>Boxes of an image that the heads are trained on.</summary>
    public int RoiSamples { get; init; } = 512;

    /// <summary>Largest share of objects among them.</summary>
    public double RoiShare { get; init; } = 0.25;

    /// <summary>Smallest IoU of a box with its object; others are background.</summary>
    public double RoiIou { get; init; } = 0.5;

    /// <summary>Whether ground truths are added to the proposals in training.</summary>
    public bool AppendTruth { get; init; } = true;

    /// <summary>Proposals with a larger share of their area in a crowd region are not trained on; 0 for no such rule.</summary>
    public double CrowdOverlap { get; init; }

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool LearnsMasks => Mask is not null;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool WantsSizes => true;

    /// <inheritdoc/>
    public override Detector Create(long seed) => new RcnnDetector(this, seed);

    /// <inheritdoc/>
    public override DetectorOptions Shrunk() => ((RcnnOptions)base.Shrunk()) with
    {
        Proposals = Proposals with { PreNmsTrain = 100, PreNmsTest = 100, PostNmsTrain = 50, PostNmsTest = 50, Samples = 32 },
        BoxHead = BoxHead with { Channels = 32, Width = 32 },
        Mask = Mask is null ? null : Mask with { Channels = 32 },
        RoiSamples = 32,
    };

    /// <inheritdoc/>
    protected override IEnumerable<string> Faults()
    {
        if (!Enum.IsDefined(Dialect))
            yield return OptionFault.Of(nameof(Dialect), Dialect, string.Join(", ", Enum.GetNames<DetectionDialect>()));
        foreach (var fault in Proposals.Faults(nameof(Proposals)).Concat(BoxHead.Faults(nameof(BoxHead))))
            yield return fault;
        foreach (var fault in (Mask?.Faults(nameof(Mask)) ?? []).Concat(Cascade?.Faults(nameof(Cascade)) ?? []))
            yield return fault;
        if (Cascade is not null && !BoxHead.ClassAgnostic)
            yield return OptionFault.Of($"{nameof(BoxHead)}.{nameof(BoxHead.ClassAgnostic)}", BoxHead.ClassAgnostic, "true, as stages of a cascade move boxes before they have a class");
        if (Sampling < 0)
            yield return OptionFault.Of(nameof(Sampling), Sampling, "0 or more, or null");
        if (RoiSamples < 1)
            yield return OptionFault.Of(nameof(RoiSamples), RoiSamples, "1 or more");
        if (RoiShare is not (>= 0 and <= 1))
            yield return OptionFault.Of(nameof(RoiShare), RoiShare, "0 to 1");
        if (RoiIou is not (> 0 and <= 1))
            yield return OptionFault.Of(nameof(RoiIou), RoiIou, "above 0, up to 1");
        if (CrowdOverlap is not (>= 0 and < 1))
            yield return OptionFault.Of(nameof(CrowdOverlap), CrowdOverlap, "0 or more and below 1");
    }
}
