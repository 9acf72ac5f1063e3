using Serve.Eval.Datasets;
using Serve.Eval.Metrics;
using Serve.Eval.Usb;

namespace Serve.Eval.Tests.Usb;

/// <summary>What must not change a number, on random scenes.</summary>
public class UsbInvarianceTests
{
    private const int Images = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private sealed record Found(long Image, double X, double Y, double Width, double Height, double Score);

    private sealed record Scene(IReadOnlyList<ImageEntry> Images, IReadOnlyList<GroundTruth> Objects, IReadOnlyList<Found> Detections)
    {
        public EvaluationResult Evaluate()
        {
            var table = new DetectionTable();
            foreach (var d in Detections)
                table.Add(d.Image, 1, d.X, d.Y, d.Width, d.Height, d.Score);
            return Evaluator.Evaluate(new(Images, [new(1, "a")], Objects, ""), table, UsbProtocol.Coco, ct: Ct);
        }

        public PrecisionRecall Bands(IReadOnlyList<ScaleBand> bands)
        {
            var evaluation = Evaluate();
            return BandCurves.Of(evaluation.Matches.Input, bands, evaluation.Protocol, ct: Ct);
        }
    }

    [Fact]
    public void Scaling_boxes_and_images_leaves_relative_scale_unchanged()
    {
        // By a power of two, so that not a bit of a box changes.
        var scene = RandomScene();
        Scene larger = new(
            [.. scene.Images.Select(i => i with { Width = i.Width * 4, Height = i.Height * 4 })],
            [.. scene.Objects.Select(o => o with { X = o.X * 4, Y = o.Y * 4, Width = o.Width * 4, Height = o.Height * 4, Area = o.Area * 16 })],
            [.. scene.Detections.Select(d => d with { X = d.X * 4, Y = d.Y * 4, Width = d.Width * 4, Height = d.Height * 4 })]);

        var (before, after) = (scene.Evaluate(), larger.Evaluate());

        Assert.Equal(Numbers(before, "RSAP"), Numbers(after, "RSAP"));
        Assert.NotEqual(Numbers(before, "ASAP"), Numbers(after, "ASAP"));
    }

    [Fact]
    public void Order_of_images_changes_nothing_where_scores_differ()
    {
        var scene = RandomScene();
        static long Turned(long id) => Images - id;
        Scene turned = new(
            [.. scene.Images.Select(i => i with { Id = Turned(i.Id) })], [.. scene.Objects.Select(o => o with { ImageId = Turned(o.ImageId) })],
            [.. scene.Detections.Select(d => d with { Image = Turned(d.Image) })]);

        Assert.Equal(scene.Evaluate().Summary, turned.Evaluate().Summary);
        Assert.All(scene.Bands(ScaleBand.All).Recall.Zip(turned.Bands(ScaleBand.All).Recall), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void Detection_below_all_others_never_lowers_recall()
    {
        var scene = RandomScene();
        var more = scene with { Detections = [.. scene.Detections, new(3, 10, 10, 80, 40, 0.0001)] };

        Assert.All(scene.Evaluate().Curves.Recall.Zip(more.Evaluate().Curves.Recall), pair => Assert.True(pair.Second >= pair.First));
        Assert.All(scene.Bands(ScaleBand.All).Recall.Zip(more.Bands(ScaleBand.All).Recall), pair => Assert.True(pair.Second >= pair.First));
    }

    [Fact]
    public void Bands_of_weights_0_and_1_are_ranges()
    {
        // No object has a scale at which these bands rise or fall.
        var scene = RandomScene();
        ScaleBand[] bands = [new(0, 0, 1e5, 1e5), new(0, 0, 32, 32), new(32, 32.0000001, 96, 96), new(96, 96.0000001, 1e5, 1e5)];

        var evaluation = scene.Evaluate();
        var curves = evaluation.Curves;
        var banded = BandCurves.Of(evaluation.Matches.Input, bands, evaluation.Protocol, ct: Ct);

        for (var t = 0; t < curves.IouThresholds.Length; t++)
        {
            for (var a = 0; a < bands.Length; a++)
            {
                Assert.Equal(curves.Recall[curves.IndexOf(t, 0, a, 2)], banded.Recall[banded.IndexOf(t, 0, a, 2)]);
                for (var r = 0; r < curves.RecallThresholds.Length; r++)
                {
                    Assert.Equal(curves.Precision[curves.IndexOf(t, r, 0, a, 2)], banded.Precision[banded.IndexOf(t, r, 0, a, 2)]);
                    Assert.Equal(curves.Scores[curves.IndexOf(t, r, 0, a, 2)], banded.Scores[banded.IndexOf(t, r, 0, a, 2)]);
                }
            }
        }
    }

    private static List<SummaryNumber> Numbers(EvaluationResult evaluation, string prefix)
        => [.. evaluation.Summary.Where(number => number.Name.StartsWith(prefix, StringComparison.Ordinal))];

    private static Scene RandomScene()
    {
        var random = new SplitMix64(11);
        var images = Enumerable.Range(1, Images - 1).Select(id => new ImageEntry(id, "", 640, 480)).ToList();
        var (objects, detections) = (new List<GroundTruth>(), new List<Found>());
        for (var i = 0; i < 150; i++)
        {
            // Sides from 4 to 256 pixels, evenly over octaves.
            var (width, height) = (Math.Pow(2, random.NextDouble(2, 8)), Math.Pow(2, random.NextDouble(2, 8)));
            var (image, x, y) = (images[random.NextInt(images.Count)].Id, random.NextDouble(0, 400), random.NextDouble(0, 300));
            objects.Add(new(i + 1, image, 1, x, y, width, height, width * height, random.NextBool(0.05)));
            if (random.NextBool(0.8))
                detections.Add(new(image, x + (width * random.NextDouble(-0.1, 0.1)), y, width * random.NextDouble(0.9, 1.1), height, random.NextDouble(0.1, 1)));
            if (random.NextBool(0.3))
                detections.Add(new(image, y, x, height, width, random.NextDouble(0.1, 1)));
        }
        return new(images, objects, detections);
    }
}
