using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Training.Models;
using Serve.Training.Tracing;
using static TorchSharp.torch;

namespace Serve.Training.Export;

/// <summary>Compares TorchSharp and ONNX Runtime on real images.</summary>
/// <remarks>
/// <para>Both sides get the same tensors, in batches of 1 and of 3 (the last batch is filled up from the first pictures); where the model's input has no one size, pictures
/// of one input size make batches, as in the server. Per image, the detections
/// with a score of at least the limit are compared: each of TorchSharp's, by falling score, is matched with the free one of ONNX Runtime of the same
/// label and the largest IoU (at least 0.5). Matched ones count with their differences of score, of box coordinates and, where there
/// are masks, of their probabilities; the others are unmatched.</para>
/// <para>Rounding differs between the two (sums run in another order), so a decision at a threshold may fall either way. Two kinds of such near-ties
/// are not counted as unmatched: a detection whose score is not more than 1e-4 above the other side's cut (the limit or, where all rows of that side are
/// taken, its last row's score); and an image on which ONNX Runtime keeps exactly what TorchSharp keeps when its own thresholds (candidate probability,
/// suppression IoU) are moved by 1e-5.</para>
/// </remarks>
public static class ParityCheck
{
    /// <summary>Detections with a lower score are not compared.</summary>
    public const double DefaultScoreLimit = 0.05;

    private const double Move = 1e-5;

    private static readonly int[] BatchSizes = [1, 3];

    private static readonly ThresholdShift[] Shifts =
    [
        default,
        new(-Move, 0), new(Move, 0), new(0, -Move), new(0, Move),
        new(-Move, -Move), new(-Move, Move), new(Move, -Move), new(Move, Move),
    ];

    /// <summary>Runs both on the pictures, in batches of 1 and 3, and compares the detections.</summary>
    /// <param name="detector">The TorchSharp side; its mode is left as it was.</param>
    /// <param name="onnxPath">The exported file.</param>
    /// <param name="input">How pictures become tensors.</param>
    /// <param name="pictures">At least one picture.</param>
    /// <param name="ct">Stops between two batches.</param>
    /// <param name="outputs">Names of the outputs; the usual ones when null.</param>
    /// <param name="scoreLimit">Detections with a lower score are not compared.</param>
    /// <exception cref="ArgumentException">There are no pictures.</exception>
    public static ParityReport Run(
        Detector detector, string onnxPath, InputSpec input, IReadOnlyList<Picture> pictures, CancellationToken ct,
        OutputSpec? outputs = null, double scoreLimit = DefaultScoreLimit)
    {
        if (pictures.Count == 0)
            throw new ArgumentException("A parity check needs at least one picture.", nameof(pictures));

        var wasTraining = detector.training;
        detector.eval();
        try
        {
            using var pause = CollectorPause.Begin();
            using var mode = inference_mode();
            using var session = new OnnxDetector(onnxPath, input, outputs ?? new OutputSpec());
            var report = new ParityReport(0, 0, 0, 0, 0) { MaxMaskDifference = outputs?.Masks is null ? null : 0 };
            foreach (var alike in pictures.GroupBy(picture => InputSize(picture, input)).Select(group => group.ToList()))
            {
                foreach (var batchSize in BatchSizes)
                {
                    for (var first = 0; first < alike.Count; first += batchSize)
                    {
                        ct.ThrowIfCancellationRequested();
                        Picture[] batch = [.. Enumerable.Range(first, batchSize).Select(i => alike[i % alike.Count])];
                        report = Compare(detector, session, input, batch, scoreLimit, report);
                        pause.Between();
                    }
                }
            }

            return report;
        }
        finally
        {
            detector.train(wasTraining);
        }
    }

    private static ParityReport Compare(
        Detector detector, OnnxDetector session, InputSpec input, Picture[] batch, double scoreLimit, ParityReport report)
    {
        using var scope = NewDisposeScope();
        var device = detector.parameters().First().device;
        var (pixels, sizes) = Tensors(batch, input);
        var (width, height) = InputSize(batch[0], input);
        long[] shape = [batch.Length, 3, height, width];
        var images = new TracedTensor(tensor(pixels, shape).to(device));
        var valid = ValidSizes.NameIn(input) is null ? null : new TracedTensor(tensor(sizes, [batch.Length, 2]).to(device));
        var ours = session.Run(pixels, shape, sizes);
        var references = Shifts.Select(shift => new Lazy<IReadOnlyList<DetectionRow[]>>(() => Detect(detector, new(images, valid), shift, withMasks: report.MaxMaskDifference is not null))).ToList();

        for (var image = 0; image < batch.Length; image++)
        {
            var plain = RowComparison.Of(references[0].Value[image], ours[image], scoreLimit);
            var shifted = plain.Unmatched == 0
                ? null
                : references.Skip(1).Select(rows => RowComparison.Of(rows.Value[image], ours[image], scoreLimit)).FirstOrDefault(found => found.Unmatched == 0);
            var chosen = shifted ?? plain;
            report = new ParityReport(
                report.Images + 1,
                report.Detections + chosen.Matched,
                report.Unmatched + chosen.Unmatched,
                Math.Max(report.MaxBoxDifference, chosen.MaxBoxDifference),
                Math.Max(report.MaxScoreDifference, chosen.MaxScoreDifference),
                report.NearTies + (shifted is not null || chosen.AtTheCut > 0 ? 1 : 0))
            {
                MaxMaskDifference = report.MaxMaskDifference is { } masks ? Math.Max(masks, chosen.MaxMaskDifference) : null,
            };
        }

        return report;
    }

    private static IReadOnlyList<DetectionRow[]> Detect(Detector detector, DetectorInput input, ThresholdShift shift, bool withMasks)
    {
        using var scope = NewDisposeScope();
        var output = detector.Detect(input, shift);
        return OnnxDetector.Rows(
            output.Boxes.Value.cpu().contiguous().data<float>().ToArray(), output.Scores.Value.cpu().contiguous().data<float>().ToArray(),
            output.Labels.Value.cpu().contiguous().data<long>().ToArray(), withMasks ? output.Masks!.Value.cpu().contiguous().data<float>().ToArray() : [], (int)input.Images.Value.shape[0]);
    }

    private static (int Width, int Height) InputSize(Picture picture, InputSpec input)
    {
        var plan = ResizePlan.For(input, picture.OriginalWidth, picture.OriginalHeight);
        return (plan.InputWidth, plan.InputHeight);
    }

    private static (float[] Pixels, float[] Sizes) Tensors(Picture[] pictures, InputSpec input)
    {
        var (width, height) = InputSize(pictures[0], input);
        var length = 3 * height * width;
        var pixels = new float[pictures.Length * length];
        var plans = new ResizePlan[pictures.Length];
        foreach (var (index, picture) in pictures.Index())
            plans[index] = InputTensor.Write(picture, input, pixels.AsSpan(index * length, length));
        return (pixels, ValidSizes.Of(plans));
    }
}
