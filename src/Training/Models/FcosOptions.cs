using Serve.Eval;

namespace Serve.Training.Models;

/// <summary>Size and inference settings of an FCOS detector.</summary>
public sealed record FcosOptions
{
    /// <summary>Number of categories K.</summary>
    public required int CategoryCount { get; init; }

    /// <summary>ResNet depth: 18 or 50.</summary>
    public int BackboneDepth { get; init; } = 18;

    /// <summary>Channels of the backbone's first stage: 64 in the published networks, less for a smaller one.</summary>
    public int BackboneWidth { get; init; } = 64;

    /// <summary>Normalisation of the backbone; the head always has group normalisation.</summary>
    public Norm Norm { get; init; } = Norm.Group();

    /// <summary>Whether the last scale of each residual block starts at zero.</summary>
    public bool ZeroInitResidual { get; init; }

    /// <summary>Channels of the feature pyramid and the head.</summary>
    public int PyramidChannels { get; init; } = 256;

    /// <summary>Convolutions in each tower of the head.</summary>
    public int TowerDepth { get; init; } = 4;

    /// <summary>Probability of each class at each location at the start of training.</summary>
    public double PriorProbability { get; init; } = 0.01;

    /// <summary>Mean of R, G, B (0..255), subtracted first.</summary>
    public IReadOnlyList<double> PixelMean { get; init; } = [123.675, 116.28, 103.53];

    /// <summary>Standard deviation of R, G, B (0..255), the divisor.</summary>
    public IReadOnlyList<double> PixelStd { get; init; } = [58.395, 57.12, 57.375];

    /// <summary>A location is a candidate for a class where its class probability (without centre-ness) is larger.</summary>
    public double CandidateThreshold { get; init; } = 0.05;

    /// <summary>Candidates of one image and level, at most.</summary>
    public int CandidatesPerLevel { get; init; } = 1000;

    /// <summary>Largest IoU of two detections of one class.</summary>
    public double NmsIouThreshold { get; init; } = 0.6;

    /// <summary>Detections of one image: the number of rows put out.</summary>
    public int MaxDetections { get; init; } = 100;

    /// <summary>Checks every option.</summary>
    /// <exception cref="InvalidInputException">Values out of range; the message lists them all.</exception>
    public void Validate()
    {
        List<string> faults = [];
        Require(CategoryCount >= 1, nameof(CategoryCount), CategoryCount, "1 or more");
        Require(BackboneDepth is 18 or 50, nameof(BackboneDepth), BackboneDepth, "18 or 50");
        Require(BackboneWidth >= 1, nameof(BackboneWidth), BackboneWidth, "1 or more");
        Require(Norm.Groups >= 1, $"{nameof(Norm)}.{nameof(Norm.Groups)}", Norm.Groups, "1 or more");
        Require(PyramidChannels >= 1, nameof(PyramidChannels), PyramidChannels, "1 or more");
        Require(TowerDepth >= 0, nameof(TowerDepth), TowerDepth, "0 or more");
        Require(PriorProbability is > 0 and < 1, nameof(PriorProbability), PriorProbability, "between 0 and 1");
        Require(PixelMean.Count == 3, nameof(PixelMean), string.Join(", ", PixelMean), "three numbers");
        Require(PixelStd.Count == 3 && PixelStd.All(std => std > 0), nameof(PixelStd), string.Join(", ", PixelStd), "three positive numbers");
        Require(CandidateThreshold is >= 0 and < 1, nameof(CandidateThreshold), CandidateThreshold, "0 or more and below 1");
        Require(CandidatesPerLevel >= 1, nameof(CandidatesPerLevel), CandidatesPerLevel, "1 or more");
        Require(NmsIouThreshold is >= 0 and <= 1, nameof(NmsIouThreshold), NmsIouThreshold, "0 to 1");
        Require(MaxDetections >= 1, nameof(MaxDetections), MaxDetections, "1 or more");
        if (faults.Count > 0)
            throw new InvalidInputException($"FCOS options: {string.Join(" ", faults)}");

        void Require(bool holds, string name, object value, string allowed)
        {
            if (!holds)
                faults.Add($"{name} is {value}; allowed: {allowed}.");
        }
    }
}
