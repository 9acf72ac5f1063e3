using System.Text.Json.Serialization;
using Serve.Eval;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Dense;
using Serve.Training.Models.Fcos;
using Serve.Training.Models.Necks;
using Serve.Training.Models.Rcnn;

namespace Serve.Training.Models;

/// <summary>What a detector is made of, and its inference settings. In JSON, <c>type</c> says which detector.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(FcosOptions), "fcos")]
[JsonDerivedType(typeof(DenseOptions), "dense")]
[JsonDerivedType(typeof(RcnnOptions), "rcnn")]
public abstract record DetectorOptions
{
    /// <summary>Number of categories K.</summary>
    public required int CategoryCount { get; init; }

    /// <summary>What turns pixels into feature maps.</summary>
    public BackboneOptions Backbone { get; init; } = new();

    /// <summary>What turns feature maps into the levels that heads look at.</summary>
    public NeckOptions Neck { get; init; } = new();

    /// <summary>Mean of R, G, B (0..255), subtracted first.</summary>
    public IReadOnlyList<double> PixelMean { get; init; } = [123.675, 116.28, 103.53];

    /// <summary>Standard deviation of R, G, B (0..255), the divisor.</summary>
    public IReadOnlyList<double> PixelStd { get; init; } = [58.395, 57.12, 57.375];

    /// <summary>A detection's class probability is larger than this; in FCOS without centre-ness.</summary>
    public double ScoreThreshold { get; init; } = 0.05;

    /// <summary>Largest IoU of two detections of one class.</summary>
    public double NmsIouThreshold { get; init; } = 0.5;

    /// <summary>Detections of one image: the number of rows put out.</summary>
    public int MaxDetections { get; init; } = 100;

    /// <summary>Whether the detector is trained with masks and puts masks out. Overrides repeat the attribute: it is not inherited.</summary>
    [JsonIgnore]
    public virtual bool LearnsMasks => false;

    /// <summary>Whether the export has the valid sizes of images as a second input. Overrides repeat the attribute: it is not inherited.</summary>
    [JsonIgnore]
    public virtual bool WantsSizes => false;

    /// <summary>A new detector with random weights, a function of the seed. The caller owns it.</summary>
    /// <exception cref="InvalidInputException">Options out of range.</exception>
    public abstract Detector Create(long seed);

    /// <summary>The same detector with few channels, for checks that look at the shape of things and not at what was learnt.</summary>
    public virtual DetectorOptions Shrunk() => this with { Backbone = Backbone.Shrunk(), Neck = Neck.Shrunk() };

    /// <summary>The same options with their thresholds moved; the IoU stays within 0 to 1.</summary>
    internal DetectorOptions Shifted(ThresholdShift shift) => this with
    {
        ScoreThreshold = ScoreThreshold + shift.Candidate,
        NmsIouThreshold = Math.Clamp(NmsIouThreshold + shift.Suppression, 0, 1),
    };

    /// <summary>Checks every option.</summary>
    /// <exception cref="InvalidInputException">Values out of range; the message lists them all.</exception>
    public void Validate()
    {
        string[] faults = [.. CommonFaults(), .. Faults()];
        if (faults.Length > 0)
            throw new InvalidInputException($"Detector options: {string.Join(" ", faults)}");
    }

    /// <summary>The options of this detector alone that are out of range, a sentence each.</summary>
    protected abstract IEnumerable<string> Faults();

    private IEnumerable<string> CommonFaults()
    {
        if (CategoryCount < 1)
            yield return OptionFault.Of(nameof(CategoryCount), CategoryCount, "1 or more");
        foreach (var fault in Backbone.Faults(nameof(Backbone)).Concat(Neck.Faults(nameof(Neck))))
            yield return fault;
        if (PixelMean.Count != 3)
            yield return OptionFault.Of(nameof(PixelMean), string.Join(", ", PixelMean), "three numbers");
        if (PixelStd.Count != 3 || !PixelStd.All(std => std > 0))
            yield return OptionFault.Of(nameof(PixelStd), string.Join(", ", PixelStd), "three positive numbers");
        if (ScoreThreshold is not (>= 0 and < 1))
            yield return OptionFault.Of(nameof(ScoreThreshold), ScoreThreshold, "0 or more and below 1");
        if (NmsIouThreshold is not (>= 0 and <= 1))
            yield return OptionFault.Of(nameof(NmsIouThreshold), NmsIouThreshold, "0 to 1");
        if (MaxDetections < 1)
            yield return OptionFault.Of(nameof(MaxDetections), MaxDetections, "1 or more");
    }
}
