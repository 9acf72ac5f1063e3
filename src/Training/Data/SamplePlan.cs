namespace Serve.Training.Data;

/// <summary>What will be done to an image: all its random choices, made before a pixel is read.</summary>
/// <param name="Index">Position of the image in the dataset.</param>
/// <param name="Placement">Where its pixels go.</param>
/// <param name="Jitter">How its colours change.</param>
internal readonly record struct SamplePlan(int Index, Placement Placement, ColorJitter Jitter);
