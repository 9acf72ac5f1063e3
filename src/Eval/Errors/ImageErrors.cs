using System.Text.Json.Serialization;
using Serve.Eval.Datasets;
using Serve.Eval.Metrics;

namespace Serve.Eval.Errors;

/// <summary>Which images are the worst. Images without objects and detections are none of them; remaining ties by rising id.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageOrder>))]
public enum ImageOrder
{
    /// <summary>Those with the lowest F1; of equal ones those with the most errors (false positives and negatives).</summary>
    LowestF1,

    /// <summary>Those with the most errors; of equal ones those with the lowest F1.</summary>
    MostErrors,
}

/// <summary>What is right and wrong on one image from a score on. It tells about single images: not for others where annotations are private.</summary>
/// <param name="ImageId">The image.</param>
/// <param name="FileName">Its file; empty where the dataset names none.</param>
/// <param name="TruePositives">Detections that found an object.</param>
/// <param name="FalsePositives">Detections that found none.</param>
/// <param name="FalseNegatives">Objects that none found.</param>
/// <param name="Precision">True positives by detections, 0 to 1; null without detections.</param>
/// <param name="Recall">True positives by objects, 0 to 1; null without objects.</param>
/// <param name="F1">2 TP / (2 TP + FP + FN), 0 to 1; null where there are neither detections nor objects.</param>
public sealed record ImageErrors(
    long ImageId, string FileName, int TruePositives, int FalsePositives, int FalseNegatives, double? Precision, double? Recall, double? F1)
{
    /// <summary>Counts on every evaluated image, by rising id.</summary>
    /// <param name="table">What was made of each detection.</param>
    /// <param name="dataset">Ground truth.</param>
    /// <param name="threshold">Score from which detections count.</param>
    /// <param name="category">Id of the only category that counts; null for all.</param>
    internal static ImageErrors[] Of(OutcomeTable table, Dataset dataset, double threshold, long? category = null)
    {
        var input = table.Matches;
        var (right, wrong, objects) = (new int[input.ImageIds.Length], new int[input.ImageIds.Length], new int[input.ImageIds.Length]);
        foreach (var group in input.Groups)
        {
            if (category is not null && input.CategoryIds[group.Category] != category)
                continue;
            objects[group.Image] += table.Objects(group);
            for (var d = group.DetectionStart; d < group.DetectionStart + group.DetectionCount && input.Scores[d] >= threshold; d++)
            {
                right[group.Image] += table.Outcomes[d] is Outcome.Matched ? 1 : 0;
                wrong[group.Image] += table.Outcomes[d] is Outcome.None ? 1 : 0;
            }
        }
        var files = new Dictionary<long, string>(dataset.Images.Count);
        foreach (var image in dataset.Images)
            files[image.Id] = image.FileName;
        return [.. input.ImageIds.Select((id, i) =>
        {
            var point = OperatingPoint.Of(threshold, right[i], wrong[i], objects[i]);
            return new ImageErrors(
                id, files.GetValueOrDefault(id, ""), point.TruePositives, point.FalsePositives, point.FalseNegatives, point.Precision, point.Recall, point.F1);
        })];
    }

    /// <summary>The worst images, worst first.</summary>
    internal static ImageErrors[] Worst(IEnumerable<ImageErrors> images, ImageOrder order, int count)
    {
        var some = images.Where(image => image.F1 is not null && image.Errors() > 0);
        var sorted = order is ImageOrder.LowestF1
            ? some.OrderBy(image => image.F1).ThenByDescending(image => image.Errors())
            : some.OrderByDescending(image => image.Errors()).ThenBy(image => image.F1);
        return [.. sorted.ThenBy(image => image.ImageId).Take(count)];
    }

    private int Errors() => FalsePositives + FalseNegatives;
}
