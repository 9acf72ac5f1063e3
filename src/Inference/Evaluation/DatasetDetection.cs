using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Detection;
using Serve.Inference.Models;
using Serve.Inference.Pictures;

namespace Serve.Inference.Evaluation;

/// <summary>Runs a model over a dataset: the same code for the command line and for the server's shards.</summary>
/// <remarks>
/// The numbers do not depend on how a dataset is cut into shards or on what else the model is doing: every picture is run alone (a background request),
/// because kernels may add in another order for another batch size, and results are put together in image order.
/// </remarks>
public static class DatasetDetection
{
    // Pictures of a dataset are the operator's own: only what cannot be held is refused.
    internal static readonly PictureLimits Limits = new() { MaxBytes = 256L << 20, MaxDimension = 65_500, MaxPixels = 400_000_000 };

    /// <summary>Detects on a range of a dataset's images through the detect flow.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="dataset">The split.</param>
    /// <param name="first">Index of the first image.</param>
    /// <param name="count">Number of images.</param>
    /// <param name="maxDetections">Most detections of an image; see <see cref="Protocol.DetectionsPerImage"/>.</param>
    /// <param name="parts">Boxes alone, or also the masks, which the model must give; see <see cref="Protocol.Parts"/>.</param>
    /// <param name="progress">Told the number of finished images after each.</param>
    /// <param name="ct">Cancels.</param>
    /// <returns>Detections in image order, by falling score in an image, no score threshold. Category ids are the dataset's, matched to the model's by name; objects of
    /// categories that the dataset does not list are left out, and do not count towards the limit.</returns>
    /// <exception cref="InvalidInputException">No category name in common, no masks where they are asked for, or a picture is missing or broken.</exception>
    public static async Task<DetectionTable> DetectAsync(
        DetectionModel model, DatasetFolder folder, Dataset dataset, int first, int count, int maxDetections, AnnotationParts parts,
        IProgress<int>? progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, dataset.Images.Count - first);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxDetections);

        var categoryIds = CategoryIds(model.Passport, dataset, folder.Name);
        var masks = parts.HasFlag(AnnotationParts.Segmentations);
        if (masks && !model.Passport.GivesMasks)
            throw new InvalidInputException($"Model '{model.Passport.Name}' gives boxes only; masks cannot be evaluated of it.");
        var results = new DetectionTable[count];
        var finished = 0;

        // One picture a core is decoded while the model works on another.
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount + 1, CancellationToken = ct };
        await Parallel.ForAsync(0, count, parallel, async (index, token) =>
        {
            var picture = Decode(folder, dataset.Images[first + index]);
            var options = new DetectionOptions(ScoreThreshold: 0, MaxDetections: int.MaxValue, Background: true, Masks: masks);
            var result = await model.DetectAsync(picture, options, token);
            results[index] = TableOf(result.Detections.Where(detection => categoryIds.ContainsKey(detection.Category.Name)).Take(maxDetections), index);
            progress?.Report(Interlocked.Increment(ref finished));
        });

        var table = NewTable();
        foreach (var result in results)
            table.Append(result);
        return table;

        DetectionTable NewTable() => new() { Segmentations = masks ? new() : null };

        // Masks become their text at once, a tenth of the run lengths that they are drawn as.
        DetectionTable TableOf(IEnumerable<DetectedObject> detections, int index)
        {
            var rows = NewTable();
            foreach (var detection in detections)
                DetectedRows.Add(rows, dataset.Images[first + index].Id, categoryIds[detection.Category.Name], detection);
            return rows;
        }
    }

    /// <summary>The dataset's id for each name that both sides have.</summary>
    private static Dictionary<string, long> CategoryIds(Passport passport, Dataset dataset, string datasetName)
    {
        var wanted = passport.Categories.Select(category => category.Name).ToHashSet();
        var common = dataset.Categories.Where(category => wanted.Contains(category.Name)).DistinctBy(category => category.Name)
            .ToDictionary(category => category.Name, category => category.Id);
        return common.Count > 0
            ? common
            : throw new InvalidInputException(
                $"Model '{passport.Name}' and dataset '{datasetName}' have no category name in common. "
                + $"The model's: {Names(passport.Categories)}. The dataset's: {Names(dataset.Categories)}.");
    }

    private static Picture Decode(DatasetFolder folder, ImageEntry image)
    {
        var where = $"Dataset '{folder.Name}', image {image.Id} ({image.FileName}): ";
        var path = folder.ImagePath(image);
        Picture picture;
        try
        {
            picture = PictureDecoder.DecodeFile(path, Limits);
        }
        catch (InvalidInputException e)
        {
            // The name in the dataset tells as much, and the message may go to a client who need not know the server's folders.
            throw new InvalidInputException(where + e.Message.Replace(path + ": ", "", StringComparison.Ordinal), e);
        }

        if (picture.Width == image.Width && picture.Height == image.Height)
            return picture;
        throw new InvalidInputException(
            $"{where}the annotations say {image.Width}x{image.Height} pixels, the upright picture has {picture.Width}x{picture.Height}; boxes would not fit.");
    }

    private static string Names(IReadOnlyList<Category> categories)
    {
        const int shown = 20;
        var names = string.Join(", ", categories.Take(shown).Select(category => category.Name));
        return categories.Count > shown ? $"{names} and {categories.Count - shown} more" : names;
    }
}
