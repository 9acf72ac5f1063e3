using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.Inference.Evaluation;
using Serve.Inference.Families;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Training.Data;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Runs a detector over a split and evaluates it under the COCO protocols: of boxes, and of masks where it gives masks.</summary>
/// <remarks>Pictures are prepared, rows read and masks drawn by the code of the server: the exported detector gets the same detections.</remarks>
public static class ValidationPass
{
    private const int BatchSize = 4;

    /// <summary>
    /// Detects on every image and evaluates. Where the detector's input has no one size, images of one input size make batches: padding to that of a neighbour would change what
    /// an image's normalisation sees.
    /// </summary>
    /// <param name="detector">The detector; put into evaluation mode.</param>
    /// <param name="categories">The detector's categories in label order; matched to the dataset's by name.</param>
    /// <param name="input">The detector's input.</param>
    /// <param name="outputs">The detector's outputs; with masks, these are evaluated too.</param>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="dataset">The split, with segmentations where there are masks to evaluate.</param>
    /// <param name="device">Where the detector is.</param>
    /// <param name="ct">Cancels between batches.</param>
    /// <returns>The report of boxes, then that of masks where there is one.</returns>
    /// <exception cref="InvalidInputException">A category is unknown to the split, an object of it has no mask, or a picture is missing or broken.</exception>
    /// <exception cref="ModelOutputException">The detector gives what is no number.</exception>
    public static IReadOnlyList<EvaluationReport> Run(
        Detector detector, IReadOnlyList<Category> categories, InputSpec input, OutputSpec outputs, DatasetFolder folder, Dataset dataset, Device device, CancellationToken ct)
    {
        var rows = new RowDetections(outputs, input, categories, CocoProtocol.BoundingBox.DetectionsPerImage, category => IdOf(category, dataset));
        var pictures = new PictureFiles(folder);
        var waiting = new Dictionary<(int Width, int Height), List<PlacedPicture>>();
        detector.eval();
        using var pause = CollectorPause.Begin();
        foreach (var image in dataset.Images)
        {
            ct.ThrowIfCancellationRequested();
            var placed = PlacedPicture.Of(image, pictures.Read(image), input);
            if (!waiting.TryGetValue(placed.Size, out var alike))
                waiting[placed.Size] = alike = [];
            alike.Add(placed);
            if (alike.Count < BatchSize)
                continue;
            Detect(detector, input, alike, device, rows);
            alike.Clear();
            pause.Between();
        }

        foreach (var rest in waiting.Values.Where(alike => alike.Count > 0))
        {
            ct.ThrowIfCancellationRequested();
            Detect(detector, input, rest, device, rows);
            pause.Between();
        }

        return outputs.Masks is null
            ? [Evaluate(rows.Table, CocoProtocol.BoundingBox)]
            : [Evaluate(rows.Table.OfBoxes(), CocoProtocol.BoundingBox), Evaluate(rows.Table, CocoProtocol.Masks)];

        EvaluationReport Evaluate(DetectionTable detections, CocoProtocol protocol) => EvaluationReport.From(Evaluator.Evaluate(dataset, detections, protocol, ct: ct), dataset);
    }

    private static void Detect(Detector detector, InputSpec input, List<PlacedPicture> images, Device device, RowDetections rows)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();

        var (width, height) = images[0].Size;
        var batch = empty([images.Count, 3, height, width], float32);
        var bytes = batch.bytes;
        var length = bytes.Length / images.Count;
        for (var i = 0; i < images.Count; i++)
            InputTensor.Write(images[i].Picture, input, images[i].Plan, bytes.Slice(i * length, length));

        var sizes = ValidSizes.NameIn(input) is null
            ? null
            : new TracedTensor(tensor(ValidSizes.Of(images.Select(image => image.Plan)), [images.Count, 2], device: device));
        var output = detector.Detect(new(new TracedTensor(batch.to(device)), sizes));
        rows.Add(
            [.. images.Select(image => image.Image)], [.. images.Select(image => image.Plan)], Floats(output.Boxes), Floats(output.Scores),
            output.Labels.Value.cpu().to(int64).contiguous().data<long>().ToArray(), rows.Table.Segmentations is null ? null : Floats(output.Masks!));
    }

    private static float[] Floats(TracedTensor tensor) => tensor.Value.cpu().to(float32).contiguous().data<float>().ToArray();

    private sealed record PlacedPicture(ImageEntry Image, Picture Picture, ResizePlan Plan)
    {
        public (int Width, int Height) Size => (Plan.InputWidth, Plan.InputHeight);

        public static PlacedPicture Of(ImageEntry image, Picture picture, InputSpec input)
            => new(image, picture, ResizePlan.For(input, picture.OriginalWidth, picture.OriginalHeight));
    }

    private static long IdOf(Category category, Dataset dataset)
        => dataset.Categories.FirstOrDefault(other => other.Name == category.Name)?.Id
            ?? throw new InvalidInputException(
                $"The validation split has no category \"{category.Name}\", which the training split has; it has {string.Join(", ", dataset.Categories.Select(c => c.Name))}.");
}
