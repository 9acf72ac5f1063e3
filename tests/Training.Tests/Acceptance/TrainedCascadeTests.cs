using System.Globalization;
using System.Runtime.InteropServices;
using Serve.Eval.Coco;
using Serve.Inference.Preprocessing;
using Serve.Training.Boxes;
using Serve.Training.Data;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Models.Backbones;
using Serve.Training.Models.Necks;
using Serve.Training.Models.Rcnn;
using Serve.Training.Runs;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Acceptance;

/// <summary>What has to hold for a detector that learnt something; see <see cref="TrainedCascade"/>.</summary>
public sealed class TrainedCascadeTests(TrainedCascade trained) : IClassFixture<TrainedCascade>
{
    private const int Stages = 3;

    [Fact(Explicit = true)]
    public async Task Served_model_has_the_precision_of_the_training()
    {
        var run = await trained.RunAsync();
        var numbers = MetricsLog.EvaluationAt(run.MetricsPath, TrainingState.StepOf(run.CheckpointPath(CheckpointKind.Best)))!;

        var served = await ServedEvaluation.OfAsync(run, trained.File("model"), TrainedCascade.Data, CocoProtocol.BoundingBox, TestContext.Current.CancellationToken);

        Write($"AP {numbers["AP"]:F5}, served {served["AP"]:F5}; AP50 {numbers["AP50"]:F5}, served {served["AP50"]:F5}; AP75 {numbers["AP75"]:F5}, served {served["AP75"]:F5}");
        Assert.InRange(numbers["AP"], 0.2, 1);
        Assert.All(["AP", "AP50", "AP75"], name => Assert.Equal(numbers[name], served[name], 1e-3));
    }

    // A first convolution of stride 2 on an even width, and anchors at the corners of cells, see a mirrored picture half a step beside the grid: it is not the mirror image bit by bit.
    [Fact(Explicit = true)]
    public async Task Mirrored_picture_has_mirrored_detections()
    {
        var run = await trained.RunAsync();
        using var detector = run.LoadDetector(CheckpointKind.Best);
        var (there, found, overlaps, scores) = (0, 0, 0.0, 0.0);
        foreach (var (images, _) in await PicturesAsync(run, count: 40))
        {
            using var scope = NewDisposeScope();
            using var mode = inference_mode();
            var straight = Confident(detector.Detect(new(new(images))));
            var back = Confident(detector.Detect(new(new(images.flip(3)))), mirroredIn: images.shape[3]);
            foreach (var (one, others) in straight.Select(row => (row, back)).Concat(back.Select(row => (row, straight))).Where(pair => pair.row.Score >= 0.5f))
            {
                there++;
                var best = others.Where(other => other.Label == one.Label).Select(other => (Iou: Iou(one, other), other.Score)).DefaultIfEmpty().MaxBy(other => other.Iou);
                if (best.Iou < 0.5)
                    continue;
                (found, overlaps, scores) = (found + 1, overlaps + best.Iou, scores + Math.Abs(best.Score - one.Score));
            }
        }

        var (share, overlap, difference) = ((double)found / there, overlaps / found, scores / found);
        Write($"{there} detections of 0.5 and more, {share:P2} with a partner; mean IoU {overlap:F4}, mean difference of scores {difference:F4}");
        Assert.True(there > 400);
        Assert.InRange(share, 0.95, 1);
        Assert.InRange(overlap, 0.85, 1);
        Assert.InRange(difference, 0, 0.08);
    }

    // Cai and Vasconcelos, figure 4.
    [Fact(Explicit = true)]
    public async Task Stages_get_better_boxes_one_after_another_and_keep_their_share_of_objects()
    {
        var run = await trained.RunAsync();
        var steps = MetricsLog.Read(run.MetricsPath).Where(line => line.Event == MetricsLog.Steps).ToList();
        var last = steps.Skip(steps.Count * 3 / 4).ToList();

        double[] overlaps = [.. Numbers().Select(stage => last.Average(line => line.Numbers[$"stage{stage}Iou"]))];
        double[] objects = [.. Numbers().Select(stage => last.Average(line => line.Numbers[$"stage{stage}Foreground"]))];

        Write($"last quarter, mean IoU of the boxes that stages 1 to 3 look at: {Text(overlaps)}; share of objects among them: {Text(objects)}");
        Assert.True(overlaps[0] < overlaps[1] && overlaps[1] < overlaps[2]);
        Assert.All(objects.Skip(1), share => Assert.InRange(share, 0.8 * objects[0], 1));
    }

    // The same, figure 1.
    [Fact(Explicit = true)]
    public async Task Later_stages_move_good_boxes_better()
    {
        const int Bins = 5;
        var run = await trained.RunAsync();
        using var detector = (RcnnDetector)run.LoadDetector(CheckpointKind.Best);
        var modules = detector.named_modules().ToDictionary(entry => entry.name, entry => entry.module);
        var (backbone, pyramid, rules) = ((Backbone)modules["backbone"], (Neck)modules["pyramid"], DialectRules.Of(detector.Options.Dialect));
        var pooler = new RoiPooler(detector.Options.BoxHead.PoolSize, detector.Options.Sampling ?? rules.Sampling, rules);
        var (counts, inputs, outputs) = (new int[Bins], new double[Bins], new double[Stages, Bins]);
        using var generator = new Generator(1);
        foreach (var (images, truths) in await PicturesAsync(run, count: 40))
        {
            using var scope = NewDisposeScope();
            using var mode = inference_mode();
            var state = detector.state_dict();
            var levels = pyramid.call(backbone.call(new((images - state["pixel_mean"]) * state["pixel_scale"])));
            var owners = truths.repeat_interleave(20, 0);                                                // [S, 4]
            var boxes = Shaken(owners, generator);
            var before = Overlaps(boxes, owners);
            for (var row = 0; row < before.Length; row++)
            {
                if (BinOf(before[row]) is { } bin)
                    (counts[bin], inputs[bin]) = (counts[bin] + 1, inputs[bin] + before[row]);
            }

            for (var t = 0; t < Stages; t++)
            {
                var stage = (CascadeStage)modules[$"heads.stage.{t}"];
                var pooled = pooler.Pool(levels, boxes, zeros(boxes.shape[0], dtype: int64));
                var after = Overlaps(stage.Coder.Decode(stage.Predict(new(pooled)).Deltas.Value.squeeze(1), boxes), owners);
                for (var row = 0; row < before.Length; row++)
                {
                    if (BinOf(before[row]) is { } bin)
                        outputs[t, bin] += after[row];
                }
            }
        }

        double Mean(int stage, int bin) => outputs[stage - 1, bin] / counts[bin];
        for (var bin = 0; bin < Bins; bin++)
            Write($"IoU {0.5 + bin * 0.1:F1} to {0.6 + bin * 0.1:F1}, {counts[bin]} boxes: mean {inputs[bin] / counts[bin]:F3}; after stages 1 to 3: {Text(Numbers().Select(stage => Mean(stage, bin)))}");
        Assert.All(counts, count => Assert.True(count > 200));
        // The first stage was trained on poor boxes and spoils good ones; the last one does not yet at an IoU of 0.8.
        Assert.All(Numbers(), stage => Assert.True(Mean(stage, 0) > inputs[0] / counts[0]));
        Assert.All([0, 1, 2], bin => Assert.True(Mean(3, bin) > inputs[bin] / counts[bin]));
        Assert.True(Mean(1, 4) < inputs[4] / counts[4]);
        Assert.All([3, 4], bin => Assert.True(Mean(3, bin) > Mean(1, bin)));

        static int? BinOf(double overlap) => overlap is >= 0.5 and < 1 ? Math.Min((int)((overlap - 0.5) / 0.1), Bins - 1) : null;
    }

    private static async Task<List<(Tensor Images, Tensor Truths)>> PicturesAsync(RunFolder run, int count)
    {
        var data = TrainedCascade.Data;
        var dataset = await data.ReadAsync("val", TestContext.Current.CancellationToken);
        var (files, input) = (new PictureFiles(data), run.Recipe.ToInputSpec());
        var pictures = new List<(Tensor, Tensor)>();
        foreach (var image in dataset.Images.Take(count))
        {
            var pixels = empty(1, 3, input.Height, input.Width);
            var plan = InputTensor.Write(files.Read(image), input, MemoryMarshal.Cast<byte, float>(pixels.bytes));
            // Without padding, which would be at the other side of the mirrored picture.
            Assert.Equal((input.Width, input.Height), (plan.Width, plan.Height));
            var scale = input.Width / (double)image.Width;
            float[] corners = [.. dataset.Of(image.Id).SelectMany(truth => new[] { truth.Box.X1, truth.Box.Y1, truth.Box.X2, truth.Box.Y2 }).Select(value => (float)(value * scale))];
            pictures.Add((pixels, tensor(corners, [corners.Length / 4, 4])));
        }

        return pictures;
    }

    // Those a little below the limit may be the partners of those above.
    private static List<DetectionRow> Confident(DetectorOutput output, long? mirroredIn = null)
        => [.. OnnxDetector.Rows(output.Boxes.Value.data<float>().ToArray(), output.Scores.Value.data<float>().ToArray(), output.Labels.Value.data<long>().ToArray(), masks: [], batch: 1)[0]
            .Where(row => row.Score >= 0.3f).Select(row => mirroredIn is { } width ? row with { X1 = width - row.X2, X2 = width - row.X1 } : row)];

    private static double Iou(DetectionRow a, DetectionRow b)
    {
        var (width, height) = (Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1), Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1));
        var both = Math.Max(0, width) * Math.Max(0, height);
        return both / Math.Max(1e-9, (a.X2 - a.X1) * (a.Y2 - a.Y1) + (b.X2 - b.X1) * (b.Y2 - b.Y1) - both);
    }

    // From not moved at all to moved by a third of the side and scaled by half, so that every overlap from 0.5 to 1 is there.
    private static Tensor Shaken(Tensor boxes, Generator generator)
    {
        var count = boxes.shape[0];
        var amount = rand([count, 1], generator: generator);
        var centre = (boxes[.., ..2] + boxes[.., 2..]) / 2;
        var side = boxes[.., 2..] - boxes[.., ..2];
        centre += (rand([count, 2], generator: generator) - 0.5) * 0.7 * amount * side;
        side *= ((rand([count, 2], generator: generator) - 0.5) * 0.8 * amount).exp();
        return cat([centre - side / 2, centre + side / 2], 1);
    }

    private static float[] Overlaps(Tensor boxes, Tensor owners) => BoxOverlap.Iou(boxes.unsqueeze(1), owners.unsqueeze(1)).flatten().data<float>().ToArray();

    private static IEnumerable<int> Numbers() => Enumerable.Range(1, Stages);

    private static string Text(IEnumerable<double> values) => string.Join(", ", values.Select(value => value.ToString("F3", CultureInfo.InvariantCulture)));

    private static void Write(FormattableString line) => TestContext.Current.TestOutputHelper!.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
