using System.Text.Json;
using Serve.Eval.Datasets;
using Serve.Eval.Reports;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Tracing;
using Serve.Training.Tracing.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Serve.Cli.Tests.Evaluate;

/// <summary><c>serve evaluate --model</c> under protocols of masks.</summary>
public sealed class MaskEvaluationTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public async ValueTask InitializeAsync()
    {
        WriteDataset(withMasks: true);
        var passport = new Passport
        {
            Name = "halves",
            Version = 1,
            Input = new InputSpec { Width = 64, Height = 32 },
            Outputs = new OutputSpec { Masks = "masks" },
            Categories = [new Category(1, "thing")],
        };
        using var detector = new WholeInputDetector();
        OnnxExporter.Write(detector, passport, _folder.File("models/halves/1/model.onnx"));
        await passport.WriteAsync(_folder.File("models/halves/1/model.json"), TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("coco-segm", 0.7)]      // half of the picture where six tenths are: an IoU of 5 / 6
    [InlineData("coco-boundary", 0.2)]  // edges of two pixels: 232 of 408
    [InlineData("lvis-segm", 0.7)]
    [InlineData("coco-bbox", 0.3)]      // all of the picture where six tenths are
    public async Task Model_and_the_file_that_it_writes_give_the_same_numbers(string protocol, double ap)
    {
        var model = await EvaluateAsync(protocol, "--detections-out", _folder.File("found.json"), "--json", _folder.File("model.json"));
        var file = await CommandRun.OfAsync(
            "evaluate", "--truth", _folder.File("data/annotations/instances_test.json"), "--detections", _folder.File("found.json"), "--protocol", protocol, "--json", _folder.File("file.json"));

        Assert.Equal((0, 0, ""), (model.ExitCode, file.ExitCode, file.Error));
        var (ofModel, ofFile) = (Report("model.json"), Report("file.json"));
        Assert.Equal(ap, ofModel.Stats[0], 1e-9);
        Assert.Equal((ofModel with { Provenance = null }).ToJson(), (ofFile with { Provenance = null }).ToJson());
        Assert.Equal(protocol != "coco-bbox", File.ReadAllText(_folder.File("found.json")).Contains("\"segmentation\":", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Model_of_boxes_is_refused_with_the_protocols_it_can_be_evaluated_under()
    {
        var run = await CommandRun.OfAsync(
            "evaluate", "--model", "demo-scenes", "--models", Path.Combine(TestFiles.Root, "models"), "--device", "cpu", "--data", _folder.File("data"), "--protocol", "coco-segm");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            "serve: --protocol: coco-segm compares masks; the model 'demo-scenes' gives boxes only, so that allowed for it are coco-bbox, lvis-bbox, lvis-fixed-bbox, voc-2007, "
            + $"voc-2012, usb, usb-wod, usb-m109s. Results with masks are evaluated with --truth and --detections.{Environment.NewLine}",
            run.Error);
    }

    [Fact]
    public async Task Object_without_a_mask_is_told_before_anything_is_detected()
    {
        WriteDataset(withMasks: false);

        var run = await EvaluateAsync("coco-segm");

        Assert.Equal(
            (2, $"serve: data/test: annotation id 1 has no segmentation; evaluation of masks needs polygons or run lengths of every object.{Environment.NewLine}"), (run.ExitCode, run.Error));
    }

    private Task<CommandRun> EvaluateAsync(string protocol, params string[] options) => CommandRun.OfAsync(
        ["evaluate", "--model", "halves", "--models", _folder.File("models"), "--device", "cpu", "--data", _folder.File("data"), "--protocol", protocol, .. options]);

    private EvaluationReport Report(string name) => EvaluationReport.FromJson(File.ReadAllText(_folder.File(name)));

    /// <summary>Pictures of 80 x 40, each with an object that fills six tenths of it from the left.</summary>
    private void WriteDataset(bool withMasks)
    {
        Directory.CreateDirectory(_folder.File("data/annotations"));
        Directory.CreateDirectory(_folder.File("data/images"));
        for (var i = 1; i <= 3; i++)
            File.WriteAllBytes(_folder.File($"data/images/{i}.png"), PictureEncoder.Encode(new Picture(80, 40, new byte[80 * 40 * 3]), "image/png"));
        var json = JsonSerializer.Serialize(new
        {
            images = Enumerable.Range(1, 3).Select(i => new { id = i, file_name = $"{i}.png", width = 80, height = 40, neg_category_ids = Array.Empty<int>(), not_exhaustive_category_ids = Array.Empty<int>() }),
            categories = new[] { new { id = 7, name = "thing", frequency = "f" } },
            annotations = Enumerable.Range(1, 3).Select(i => new
            {
                id = i,
                image_id = i,
                category_id = 7,
                bbox = new[] { 0, 0, 48, 40 },
                area = 48 * 40,
                iscrowd = 0,
                segmentation = withMasks ? new[] { new[] { 0, 0, 48, 0, 48, 40, 0, 40 } } : null,
            }),
        });
        File.WriteAllText(_folder.File("data/annotations/instances_test.json"), json);
    }

    /// <summary>Detects one object, which is all of the input, with the mask of its left half.</summary>
    private sealed class WholeInputDetector : Detector
    {
        private const int Side = 28;

        private readonly Parameter score = new(ones(1, 1) * 0.75);
        private readonly Parameter box = new(tensor(new float[] { 0, 0, 64, 32 }, [1, 1, 4]));
        private readonly Parameter mask = new(cat([ones(1, 1, Side, Side / 2), zeros(1, 1, Side, Side / 2)], 3));

        public WholeInputDetector() : base(nameof(WholeInputDetector)) => RegisterComponents();

        public override DetectorLosses Loss(TrainingInput input) => throw new NotSupportedException();

        public override DetectorOutput Detect(DetectorInput input, ThresholdShift shift = default)
        {
            var zero = input.Images.Slice(1, 0, 1).Slice(2, 0, 1).Slice(3, 0, 1) * 0;           // [B, 1, 1, 1]
            var row = Shapes.Reshape(zero, -1, 1);                                             // [B, 1]
            return new(row.Unsqueeze(2) + new TracedTensor(box), row + new TracedTensor(score), row.Cast(int64), zero + new TracedTensor(mask));
        }
    }
}
