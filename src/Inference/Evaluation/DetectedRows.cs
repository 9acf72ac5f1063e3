using Serve.Eval.Datasets;
using Serve.Inference.Detection;

namespace Serve.Inference.Evaluation;

/// <summary>Detected objects as rows of what is evaluated.</summary>
internal static class DetectedRows
{
    /// <summary>Appends an object, with its mask where the table holds masks.</summary>
    /// <remarks>The area of a row with a mask is that of the mask, which is how results that hold no boxes are read: published AP of small, medium and large masks is found so.</remarks>
    public static void Add(DetectionTable table, long imageId, long categoryId, in DetectedObject detection)
    {
        var box = detection.Box;
        if (table.Segmentations is not { } masks)
        {
            table.Add(imageId, categoryId, box.X1, box.Y1, box.Width, box.Height, detection.Score);
            return;
        }

        var mask = detection.Mask ?? throw new InvalidOperationException("The model gives no masks.");
        table.Add(imageId, categoryId, box.X1, box.Y1, box.Width, box.Height, detection.Score, mask.Area);
        masks.AddRunLengths(mask.ToText(), mask.Height, mask.Width);
    }
}
