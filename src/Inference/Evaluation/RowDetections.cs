using Microsoft.ML.OnnxRuntime;
using Serve.Eval.Datasets;
using Serve.Inference.Decoding;
using Serve.Inference.Detection;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Preprocessing;

namespace Serve.Inference.Evaluation;

/// <summary>Detections of a dataset from the rows of a detector that is not exported yet, read and drawn by the code that serves its export.</summary>
public sealed class RowDetections
{
    private readonly OutputSpec _outputs;
    private readonly OutputDecoder _decoder;
    private readonly Dictionary<string, long> _categoryIds;
    private readonly DetectionOptions _options;
    private readonly List<DetectedObject> _found = [];

    /// <summary>Creates it without rows.</summary>
    /// <param name="outputs">The detector's outputs.</param>
    /// <param name="input">Its input.</param>
    /// <param name="categories">Its categories in label order.</param>
    /// <param name="maxDetections">Most detections of an image; see <see cref="Eval.Protocol.DetectionsPerImage"/>.</param>
    /// <param name="idOf">The dataset's id of a category.</param>
    public RowDetections(OutputSpec outputs, InputSpec input, IReadOnlyList<Category> categories, int maxDetections, Func<Category, long> idOf)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(categories);
        _outputs = outputs;
        _decoder = OutputDecoder.Create(OwnExport.Decoding(outputs), input, categories);
        _categoryIds = categories.DistinctBy(category => category.Name).ToDictionary(category => category.Name, idOf);
        _options = new DetectionOptions(ScoreThreshold: 0, maxDetections);
        Table = new DetectionTable { Segmentations = outputs.Masks is null ? null : new() };
    }

    /// <summary>What was found, in the order of the images, by falling score in an image; with masks and their areas where the outputs have masks.</summary>
    public DetectionTable Table { get; }

    /// <summary>Adds what was found on a batch. The masks of one image are drawn at a time.</summary>
    /// <param name="images">The images of the batch: B.</param>
    /// <param name="plans">Where each lies in the input.</param>
    /// <param name="boxes">[B, D, 4] xyxy, input pixels.</param>
    /// <param name="scores">[B, D].</param>
    /// <param name="labels">[B, D], -1 for an empty row.</param>
    /// <param name="masks">[B, D, m, m] probabilities over each box; null where the outputs have none.</param>
    /// <exception cref="ModelOutputException">A value is not a number, or a label no category.</exception>
    public void Add(IReadOnlyList<ImageEntry> images, ReadOnlySpan<ResizePlan> plans, float[] boxes, float[] scores, long[] labels, float[]? masks)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(scores);
        long pictures = images.Count;
        var rows = scores.Length / pictures;
        var values = new List<OrtValue>();
        try
        {
            foreach (var name in _decoder.Outputs)
                values.Add(ValueOf(name));
            for (var i = 0; i < images.Count; i++)
            {
                _found.Clear();
                _decoder.Decode(values, i, plans[i], _options, defaultThreshold: 0, _found);
                foreach (var detection in _found)
                    DetectedRows.Add(Table, images[i].Id, _categoryIds[detection.Category.Name], detection);
            }
        }
        finally
        {
            values.ForEach(value => value.Dispose());
        }

        OrtValue ValueOf(string name)
        {
            if (name == _outputs.Boxes)
                return OrtValue.CreateTensorValueFromMemory(boxes, [pictures, rows, 4]);
            if (name == _outputs.Scores)
                return OrtValue.CreateTensorValueFromMemory(scores, [pictures, rows]);
            if (name == _outputs.Labels)
                return OrtValue.CreateTensorValueFromMemory(labels, [pictures, rows]);
            var side = rows == 0 ? 0 : (long)Math.Sqrt(masks!.Length / scores.Length);
            return OrtValue.CreateTensorValueFromMemory(masks!, [pictures, rows, side, side]);
        }
    }
}
