using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Training.Export;

/// <summary>The second input of some detectors: width and height of the part of each image that is not padding.</summary>
internal static class ValidSizes
{
    /// <summary>How a passport describes it.</summary>
    public static ExtraInput Input { get; } = new() { Name = "sizes", Value = ExtraValue.ResizedSize, Order = "wh" };

    /// <summary>Its name in a graph; null where the model has no such input.</summary>
    public static string? NameIn(InputSpec input) => input.Extra.FirstOrDefault(extra => extra.Value == ExtraValue.ResizedSize)?.Name;

    /// <summary>[B, 2] values for pictures that lie so in the input.</summary>
    public static float[] Of(IEnumerable<ResizePlan> plans) => [.. plans.SelectMany(plan => new float[] { plan.Width, plan.Height })];
}
