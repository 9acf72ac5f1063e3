namespace Serve.Training.Models.Layers;

/// <summary>A layer whose <c>weight</c> is subtracted from its input instead of multiplied with it, so that its gradient needs a length of its own.</summary>
internal interface IAdderWeights;
