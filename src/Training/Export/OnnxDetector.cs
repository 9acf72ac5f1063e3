using Microsoft.ML.OnnxRuntime;
using Serve.Inference.Models;

namespace Serve.Training.Export;

/// <summary>One row that a detector put out.</summary>
internal readonly record struct DetectionRow(float X1, float Y1, float X2, float Y2, float Score, long Label)
{
    /// <summary>Probabilities over the box, row by row; empty where the detector gives no masks.</summary>
    public ReadOnlyMemory<float> Mask { get; init; }
}

/// <summary>An exported detector in ONNX Runtime's CPU provider.</summary>
internal sealed class OnnxDetector(string path, InputSpec input, OutputSpec outputs) : IDisposable
{
    private readonly InferenceSession session = new(path);
    private readonly RunOptions runOptions = new();

    /// <summary>Runs a batch.</summary>
    /// <param name="images">Values of all images.</param>
    /// <param name="shape">B, 3, H, W.</param>
    /// <param name="sizes">[B, 2] width and height of the valid parts, for models that want them.</param>
    /// <returns>The rows of each image, empty ones included.</returns>
    public IReadOnlyList<DetectionRow[]> Run(float[] images, long[] shape, float[] sizes)
    {
        using var pixels = OrtValue.CreateTensorValueFromMemory(images, shape);
        using var valid = OrtValue.CreateTensorValueFromMemory(sizes, [shape[0], 2]);
        string[] names = ValidSizes.NameIn(input) is { } name ? [input.Name, name] : [input.Name];
        string[] wanted = outputs.Masks is { } masks ? [outputs.Boxes, outputs.Scores, outputs.Labels, masks] : [outputs.Boxes, outputs.Scores, outputs.Labels];
        using var results = session.Run(runOptions, names, new[] { pixels, valid }[..names.Length], wanted);
        return Rows(
            results[0].GetTensorDataAsSpan<float>(), results[1].GetTensorDataAsSpan<float>(), results[2].GetTensorDataAsSpan<long>(),
            outputs.Masks is null ? [] : results[3].GetTensorDataAsSpan<float>().ToArray(), (int)shape[0]);
    }

    /// <summary>Splits the outputs by image.</summary>
    /// <param name="boxes">[B, D, 4].</param>
    /// <param name="scores">[B, D].</param>
    /// <param name="labels">[B, D].</param>
    /// <param name="masks">[B, D, m, m], which the rows keep; empty for detectors of boxes.</param>
    /// <param name="batch">B.</param>
    public static IReadOnlyList<DetectionRow[]> Rows(ReadOnlySpan<float> boxes, ReadOnlySpan<float> scores, ReadOnlySpan<long> labels, float[] masks, int batch)
    {
        var count = scores.Length / batch;
        var pixels = scores.Length == 0 ? 0 : masks.Length / scores.Length;
        var images = new DetectionRow[batch][];
        for (var image = 0; image < batch; image++)
        {
            images[image] = new DetectionRow[count];
            for (var row = 0; row < count; row++)
            {
                var at = image * count + row;
                images[image][row] = new(boxes[4 * at], boxes[4 * at + 1], boxes[4 * at + 2], boxes[4 * at + 3], scores[at], labels[at]) { Mask = masks.AsMemory(at * pixels, pixels) };
            }
        }

        return images;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        runOptions.Dispose();
        session.Dispose();
    }
}
