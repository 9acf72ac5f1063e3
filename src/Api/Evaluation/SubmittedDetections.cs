using Serve.Eval.Datasets;

namespace Serve.Api.Evaluation;

/// <summary>Detections that a client made elsewhere.</summary>
internal static class SubmittedDetections
{
    private const int MostFaults = 20;

    /// <summary>Says what is wrong with them: the place, what was given, what is allowed. Empty when nothing is.</summary>
    public static string[] Check(IReadOnlyList<CocoDetection> rows, Dataset dataset)
    {
        var images = dataset.Images.Select(image => image.Id).ToHashSet();
        var faults = new List<string>();
        for (var i = 0; i < rows.Count && faults.Count < MostFaults; i++)
        {
            if (rows[i] is not { Bbox: not null } row)
                faults.Add($"detections[{i}]: expected an object with image_id, category_id, bbox and score.");
            else if (!images.Contains(row.ImageId))
                faults.Add($"detections[{i}].image_id: {row.ImageId} is not an image of the dataset ({images.Count} images).");
            else if (row.Bbox.Count != 4)
                faults.Add($"detections[{i}].bbox: expected left, top, width and height, got {row.Bbox.Count} numbers.");
            else if (!row.Bbox.All(double.IsFinite) || row.Bbox[2] < 0 || row.Bbox[3] < 0)
                faults.Add($"detections[{i}].bbox: [{string.Join(", ", row.Bbox)}] is not a box; width and height must be 0 or more.");
            else if (!double.IsFinite(row.Score))
                faults.Add($"detections[{i}].score: {row.Score} is not a finite number.");
        }
        if (faults.Count == MostFaults)
            faults.Add($"Only the first {MostFaults} faults are listed.");
        return [.. faults];
    }

    /// <summary>The rows as a table, in their order.</summary>
    public static DetectionTable ToTable(IReadOnlyList<CocoDetection> rows)
    {
        var table = new DetectionTable();
        foreach (var row in rows)
            table.Add(row.ImageId, row.CategoryId, row.Bbox[0], row.Bbox[1], row.Bbox[2], row.Bbox[3], row.Score);
        return table;
    }
}
