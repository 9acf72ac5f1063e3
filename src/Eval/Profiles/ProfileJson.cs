using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serve.Eval.Profiles;

/// <summary>Profiles of all splits of a dataset, as they are written.</summary>
internal sealed record ProfileDocument(string Path, string Format, IReadOnlyList<SplitDocument> Splits);

/// <summary>The profile of a split, as it is written.</summary>
internal sealed record SplitDocument(
    string Name, int Images, int EmptyImages, int Objects, int Crowds, int Ignored, int Masks, int WithKeypoints, ObjectsPerImage ObjectsPerImage,
    int Small, int Medium, int Large, IReadOnlyList<BinDocument> RelativeScale, IReadOnlyList<BinDocument> AbsoluteScale, IReadOnlyList<BinDocument> Aspect,
    IReadOnlyList<CategoryCount> Categories)
{
    public static SplitDocument From(DatasetProfile profile) => new(
        profile.Name, profile.Images, profile.EmptyImages, profile.Objects, profile.Crowds, profile.Ignored, profile.Masks, profile.WithKeypoints, profile.PerImage,
        profile.Small, profile.Medium, profile.Large, Bins(profile.RelativeScale), Bins(profile.AbsoluteScale), Bins(profile.Aspect), profile.Categories);

    private static IReadOnlyList<BinDocument> Bins(Histogram histogram)
    {
        var edges = histogram.Axis.Edges;
        return [.. histogram.Counts.Select((count, bin) => new BinDocument(bin == 0 ? 0 : edges[bin - 1], bin == edges.Count ? null : edges[bin], count))];
    }
}

/// <summary>A bin, as it is written.</summary>
/// <param name="From">The smallest value in it.</param>
/// <param name="To">The smallest value above it; null for none.</param>
/// <param name="Count">Values in it.</param>
internal sealed record BinDocument(double From, double? To, int Count);

/// <summary>Writes the documents.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ProfileDocument))]
internal sealed partial class ProfileJson : JsonSerializerContext
{
    /// <summary>The profiles of a dataset as JSON.</summary>
    public static string Of(ProfileDocument document) => JsonSerializer.Serialize(document, Default.ProfileDocument);
}
