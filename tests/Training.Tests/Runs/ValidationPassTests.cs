using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Inference.Models;
using Serve.Training.Models;
using static TorchSharp.torch;

namespace Serve.Training.Runs;

public sealed class ValidationPassTests
{
    private static readonly InputSpec Input = new() { Width = 96, Height = 96 };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Masks_are_evaluated_as_the_same_detections_drawn_by_hand()
    {
        using var folder = TestFiles.NewFolder();
        var (data, dataset) = await ReadAsync(folder);
        using var detector = new HalfDetector(dataset);

        var reports = ValidationPass.Run(detector, dataset.Categories, Input, new OutputSpec { Masks = "masks" }, data, dataset, CPU, Ct);

        // The pixels of every second object end in the middle of its box.
        var table = new DetectionTable { Segmentations = new() };
        foreach (var (row, truth) in dataset.GroundTruths.Index())
        {
            var width = row % 2 == 0 ? truth.Width : Math.Floor(truth.Width / 2);
            table.Add(truth.ImageId, truth.CategoryId, truth.X, truth.Y, truth.Width, truth.Height, HalfDetector.ScoreOf(row), width * truth.Height);
            table.Segmentations.AddPolygons([truth.X, truth.Y, truth.X + width, truth.Y, truth.X + width, truth.Y + truth.Height, truth.X, truth.Y + truth.Height], [8]);
        }

        var expected = Evaluator.Evaluate(dataset, table, CocoProtocol.Masks, ct: Ct);
        Assert.Equal(["coco-bbox", "coco-segm"], reports.Select(report => report.Protocol));
        Assert.Equal(1, reports[0].Stats[0], 1e-12);
        Assert.Equal(expected.Summary.Select(number => number.Value ?? -1), reports[1].Stats);
        Assert.InRange(reports[1].Stats[0], 0.3, 0.7);
    }

    [Fact]
    public async Task Without_masks_among_the_outputs_boxes_alone_are_evaluated()
    {
        using var folder = TestFiles.NewFolder();
        var (data, dataset) = await ReadAsync(folder);
        using var detector = new HalfDetector(dataset);

        var report = Assert.Single(ValidationPass.Run(detector, dataset.Categories, Input, new OutputSpec(), data, dataset, CPU, Ct));

        Assert.Equal(("coco-bbox", 1.0), (report.Protocol, Math.Round(report.Stats[0], 12)));
    }

    private static async Task<(DatasetFolder Data, Dataset Dataset)> ReadAsync(TemporaryFolder folder)
    {
        var data = GeneratedRectangles.Write(folder.File("data"), images: 6, seed: 3);
        return (data, await data.ReadAsync("val", AnnotationParts.Segmentations, ct: Ct));
    }

    /// <summary>Finds the two objects of each picture, one after the other: the first with all of its mask, the second with the left half.</summary>
    private sealed class HalfDetector : Detector
    {
        private const int Side = 28;

        private readonly Dataset dataset;
        private int next;

        public HalfDetector(Dataset dataset) : base(nameof(HalfDetector))
        {
            this.dataset = dataset;
            RegisterComponents();
        }

        public static float ScoreOf(int row) => 0.9f - (row / 64f);

        public override DetectorLosses Loss(TrainingInput input) => throw new NotSupportedException();

        public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default)
        {
            var batch = (int)input.Images.Value.shape[0];
            var found = dataset.GroundTruths.Skip(next).Take(2 * batch).ToList();
            float[] scores = [.. Enumerable.Range(next, found.Count).Select(ScoreOf)];
            next += found.Count;
            var labels = found.Select(truth => (long)dataset.Categories.Index().First(category => category.Item.Id == truth.CategoryId).Index).ToArray();
            var masks = ones(batch, 2, Side, Side);
            masks[.., 1, .., (Side / 2)..] = 0;
            return new(
                new(tensor(found.SelectMany(truth => new[] { (float)truth.X, (float)truth.Y, (float)truth.Box.X2, (float)truth.Box.Y2 }).ToArray(), [batch, 2, 4])),
                new(tensor(scores, [batch, 2])), new(tensor(labels, [batch, 2])), new(masks));
        }
    }
}
