namespace Serve.Training.Data.Orders;

/// <summary>An image in the order of an epoch.</summary>
/// <param name="Index">Position of the image in the dataset.</param>
/// <param name="Repeat">How often the epoch has it already; each time it is augmented differently.</param>
internal readonly record struct SampleKey(int Index, int Repeat);
