using Serve.Training.Tracing;

namespace Serve.Training.Models;

/// <summary>One level of a feature pyramid.</summary>
/// <param name="Stride">Input pixels between two cells.</param>
/// <param name="Map">[B, C, h, w].</param>
public sealed record FeatureLevel(int Stride, TracedTensor Map)
{
    /// <summary>The map that boxes are predicted from, where it is another one; [B, C, h, w].</summary>
    public TracedTensor BoxMap { get => field ?? Map; init; }
}
