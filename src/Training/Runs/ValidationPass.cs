using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Training.Data;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

/// <summary>Runs a detector over a split and evaluates it under the COCO protocol.</summary>
public static class ValidationPass
{
    private const int BatchSize = 4;

    /// <summary>
    /// Detects on every image, with the preprocessing of the server, and evaluates. Where the detector's input has no one size, images of one input size make batches: padding to
    /// that of a neighbour would change what an image's normalisation sees.
    /// </summary>
    /// <param name="detector">The detector; put into evaluation mode.</param>
    /// <param name="categories">The detector's categories in label order; matched to the dataset's by name.</param>
    /// <param name="input">The detector's input.</param>
    /// <param name="folder">The dataset's folder.</param>
    /// <param name="dataset">The split.</param>
    /// <param name="device">Where the detector is.</param>
    /// <param name="ct">Cancels between batches.</param>
    /// <exception cref="InvalidInputException">A category is unknown to the split, or a picture is missing or broken.</exception>
    public static EvaluationReport Run(
        Detector detector, IReadOnlyList<Category> categories, InputSpec input, DatasetFolder folder, Dataset dataset, Device device, CancellationToken ct)
    {
        var categoryIds = categories.Select(category => IdOf(category, dataset)).ToArray();
        var pictures = new PictureFiles(folder);
        var detections = new DetectionTable();
        var waiting = new Dictionary<(int Width, int Height), List<PlacedPicture>>();
        detector.eval();
        foreach (var image in dataset.Images)
        {
            ct.ThrowIfCancellationRequested();
            var placed = PlacedPicture.Of(image, pictures.Read(image), input);
            if (!waiting.TryGetValue(placed.Size, out var alike))
                waiting[placed.Size] = alike = [];
            alike.Add(placed);
            if (alike.Count < BatchSize)
                continue;
            Detect(detector, categoryIds, input, alike, device, detections);
            alike.Clear();
        }

        foreach (var rest in waiting.Values.Where(alike => alike.Count > 0))
        {
            ct.ThrowIfCancellationRequested();
            Detect(detector, categoryIds, input, rest, device, detections);
        }

        return EvaluationReport.From(Evaluator.Evaluate(dataset, detections, CocoProtocol.BoundingBox, ct: ct), dataset);
    }

    private static void Detect(
        Detector detector, long[] categoryIds, InputSpec input, List<PlacedPicture> images, Device device, DetectionTable detections)
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
        var boxes = output.Boxes.Value.cpu().to(float32).contiguous().data<float>().ToArray();        // [B, D, 4]
        var scores = output.Scores.Value.cpu().to(float32).contiguous().data<float>().ToArray();      // [B, D]
        var labels = output.Labels.Value.cpu().to(int64).contiguous().data<long>().ToArray();         // [B, D]

        var rows = scores.Length / images.Count;
        for (var row = 0; row < scores.Length; row++)
        {
            if (labels[row] < 0)
                continue;
            var (image, _, plan) = images[row / rows];
            var box = plan.Clip(plan.ToOriginal(new(boxes[row * 4], boxes[row * 4 + 1], boxes[row * 4 + 2], boxes[row * 4 + 3])));
            detections.Add(image.Id, categoryIds[labels[row]], box.X1, box.Y1, box.Width, box.Height, scores[row]);
        }
    }

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
