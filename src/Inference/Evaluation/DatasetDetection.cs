using Serve.Eval.Datasets;
using Serve.Inference.Models;

namespace Serve.Inference.Evaluation;

/// <summary>Runs a model over a dataset: the same code for the command line and for the server's shards.</summary>
public static class DatasetDetection
{
    /// <summary>Detects on a range of a dataset's images through the detect flow.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="dataset">The split.</param>
    /// <param name="first">Index of the first image.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="progress">Told the number of finished images after each.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Detections in image order, by falling score in an image, no score threshold, at most 100 an image. Category ids are the dataset's,
    /// matched to the model's by name.</returns>
    /// <exception cref="Serve.Eval.InvalidInputException">No category name in common, or a picture is missing or broken.</exception>
    public static Task<DetectionTable> DetectAsync(
        DetectionModel model, DatasetFolder folder, Dataset dataset, int first, int count, IProgress<int>? progress, CancellationToken ct)
        => throw new NotImplementedException();
}
