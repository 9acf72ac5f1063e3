using Serve.Training.Data;
using Serve.Training.Models;

namespace Serve.Training.Losses;

/// <summary>Targets and losses of FCOS.</summary>
public static class FcosLoss
{
    /// <summary>The three losses of a batch: <c>classification</c>, <c>box</c>, <c>centerness</c>, and their sum.</summary>
    public static DetectorLosses Compute(IReadOnlyList<FcosLevel> levels, IReadOnlyList<DetectionTargets> targets) => throw new NotImplementedException();
}
