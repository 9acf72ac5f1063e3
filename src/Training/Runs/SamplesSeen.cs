using System.Globalization;
using Serve.Training.Data;

namespace Serve.Training.Runs;

/// <summary>What a training has looked at: trainings of different lengths, sizes and batches are compared by it.</summary>
/// <remarks>He, Girshick, Dollár, "Rethinking ImageNet Pre-training", ICCV 2019, figure 2.</remarks>
/// <param name="Images">Images, each time that one was shown.</param>
/// <param name="Instances">Annotated objects on them, as augmented; crowds not counted.</param>
/// <param name="Pixels">Pixels of the batches, padding counted, since the network computes on it.</param>
internal readonly record struct SamplesSeen(long Images, long Instances, long Pixels)
{
    private const string Prefix = "seen.";

    /// <summary>The counts with a batch added.</summary>
    public SamplesSeen With(TrainingBatch batch) => new(
        Images + batch.Targets.Count,
        Instances + batch.Targets.Sum(target => target.Labels.shape[0]),
        Pixels + batch.Images.shape[0] * batch.Images.shape[2] * batch.Images.shape[3]);

    /// <summary>The counts by name.</summary>
    public IEnumerable<KeyValuePair<string, double>> Numbers => [new("images", Images), new("instances", Instances), new("pixels", Pixels)];

    /// <summary>The counts as a checkpoint holds them.</summary>
    public Dictionary<string, string> ToMetadata() => new()
    {
        [Prefix + "images"] = Images.ToString(CultureInfo.InvariantCulture),
        [Prefix + "instances"] = Instances.ToString(CultureInfo.InvariantCulture),
        [Prefix + "pixels"] = Pixels.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The counts in a checkpoint; zeros in those from before they were counted.</summary>
    public static SamplesSeen Read(IReadOnlyDictionary<string, string> metadata)
    {
        return new(Count("images"), Count("instances"), Count("pixels"));

        long Count(string name) => long.TryParse(metadata.GetValueOrDefault(Prefix + name), CultureInfo.InvariantCulture, out var count) ? count : 0;
    }
}
