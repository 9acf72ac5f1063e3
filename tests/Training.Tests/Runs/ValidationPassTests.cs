using Serve.Eval;
using Serve.Eval.Coco;
using Serve.Eval.Datasets;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Tests.Export;
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

    // Each picture is one object, so that the detector of whole pictures is right where its boxes come back to the pixels of their own picture.
    [Fact]
    public async Task Images_of_various_sizes_are_evaluated_in_batches_of_one_input_size()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new WholePictureDetector();
        var ct = TestContext.Current.CancellationToken;
        var data = Write(folder.File("data"), [(80, 40), (40, 40), (80, 40), (40, 60), (100, 50), (90, 45), (60, 30)]);
        var dataset = await data.ReadAsync("val", ct);
        var input = new InputSpec { Width = 96, Height = 64, Resize = ResizeRule.ShortestSide, SizeMultiple = 32, Extra = [ValidSizes.Input] };

        var report = Assert.Single(ValidationPass.Run(detector, dataset.Categories, input, new OutputSpec(), data, dataset, CPU, ct));

        Assert.Equal(1, report.Stats[0], 1e-9);
        Assert.Equal(
            ["4x3x64x96 96x48 96x48 96x48 96x48", "1x3x64x96 96x48", "1x3x64x64 64x64", "1x3x96x64 64x96"], detector.Seen.Select(batch => batch.ToString()));
    }

    private static DatasetFolder Write(string folder, (int Width, int Height)[] sizes)
    {
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "annotations"));
        foreach (var (index, (width, height)) in sizes.Index())
            File.WriteAllBytes(Path.Combine(folder, "images", $"{index + 1}.png"), PictureEncoder.Encode(new(width, height, new byte[width * height * 3]), "image/png"));

        var images = sizes.Select((size, index) => $$"""{"id":{{index + 1}},"file_name":"{{index + 1}}.png","width":{{size.Width}},"height":{{size.Height}}}""");
        var objects = sizes.Select((size, index) =>
            $$"""{"id":{{index + 1}},"image_id":{{index + 1}},"category_id":7,"bbox":[0,0,{{size.Width}},{{size.Height}}],"area":{{size.Width * size.Height}},"iscrowd":0}""");
        File.WriteAllText(
            Path.Combine(folder, "annotations", "instances_val.json"),
            $$"""{"images":[{{string.Join(",", images)}}],"annotations":[{{string.Join(",", objects)}}],"categories":[{"id":7,"name":"picture"}]}""");
        return DatasetFolder.Open(folder);
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
