using Microsoft.ML.OnnxRuntime;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Models.Fcos;
using Serve.Training.Models.Necks;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Export;

public sealed class ExportTests
{
    private static readonly FcosOptions R18Gn = new() { CategoryCount = 3, Neck = NeckOptions.Dense with { Channels = 96 } };
    private static readonly FcosOptions Small = new() { CategoryCount = 3, Neck = NeckOptions.Dense with { Channels = 32 }, TowerDepth = 1 };

    [Fact]
    public void Exported_model_declares_dynamic_batch_and_size_and_carries_its_passport()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new FcosDetector(Small, seed: 1);
        var passport = NewPassport(96, 64);

        OnnxExporter.Write(detector, passport, folder.File("a/model.onnx"));

        using var session = new InferenceSession(folder.File("a/model.onnx"));
        Assert.Equal([-1, 3, -1, -1], session.InputMetadata["images"].Dimensions);
        Assert.Equal(["batch", "", "height", "width"], session.InputMetadata["images"].SymbolicDimensions);
        Assert.Equal([-1, 100, 4], session.OutputMetadata["boxes"].Dimensions);
        Assert.Equal([-1, 100], session.OutputMetadata["scores"].Dimensions);
        Assert.Equal(typeof(long), session.OutputMetadata["labels"].ElementType);
        Assert.Equal(passport.ToJson(), session.ModelMetadata.CustomMetadataMap["serve.passport"]);
        Assert.Equal(["model.onnx"], Directory.EnumerateFiles(folder.File("a")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(320, 256)]
    [InlineData(200, 136)] // no multiples of 32: upsampled maps are cut
    public void Exported_fcos_detects_as_torchsharp_does_in_batches_of_one_and_three(int width, int height)
    {
        using var folder = TestFiles.NewFolder();
        using var detector = Lively(R18Gn);
        OnnxExporter.Write(detector, NewPassport(320, 256), folder.File("model.onnx"));

        var report = ParityCheck.Run(
            detector, folder.File("model.onnx"), NewPassport(width, height).Input, Pictures(4), TestContext.Current.CancellationToken);

        Assert.Equal(4 + 6, report.Images);
        Assert.InRange(report.Detections, 500, 1000);
        Assert.True(report.Passed, report.ToString());
    }

    [Fact]
    public void Original_form_of_fcos_detects_in_the_export_as_in_torchsharp()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = Lively(Small with { Version = FcosVersion.Original });
        OnnxExporter.Write(detector, NewPassport(128, 96), folder.File("model.onnx"));

        var report = ParityCheck.Run(detector, folder.File("model.onnx"), NewPassport(128, 96).Input, Pictures(3), TestContext.Current.CancellationToken);

        Assert.True(report.Passed && report.Detections > 0, report.ToString());
    }

    [Theory]
    [InlineData(NormKind.Batch)]
    [InlineData(NormKind.FrozenBatch)]
    public void Batch_normalisation_is_folded_into_the_convolutions(NormKind kind)
    {
        using var folder = TestFiles.NewFolder();
        using var detector = Lively(Small with { Backbone = new() { Norm = new Norm(kind) } });
        using (no_grad())
        {
            foreach (var (key, value) in detector.state_dict())
            {
                if (key.EndsWith("running_var", StringComparison.Ordinal))
                    value.uniform_(0.5, 2);
                if (key.EndsWith("running_mean", StringComparison.Ordinal))
                    value.uniform_(-0.5, 0.5);
            }
        }

        OnnxExporter.Write(detector, NewPassport(128, 96), folder.File("model.onnx"));

        var trace = DetectorTrace.Of(detector, NewPassport(128, 96).Input, new OutputSpec());
        BatchNormFolding.Apply(trace.Graph);
        Assert.DoesNotContain(trace.Graph.Node, node => node.OpType == "BatchNormalization");
        Assert.DoesNotContain(trace.Graph.Initializer, tensor => tensor.Name.Contains("running", StringComparison.Ordinal));
        var report = ParityCheck.Run(detector, folder.File("model.onnx"), NewPassport(128, 96).Input, Pictures(3), TestContext.Current.CancellationToken);
        Assert.True(report.Passed && report.Detections > 0, report.ToString());
    }

    [Fact]
    public void Shared_head_weights_are_written_once()
    {
        using var detector = new FcosDetector(Small, seed: 1);

        var trace = DetectorTrace.Of(detector, NewPassport(96, 64).Input, new OutputSpec());

        Assert.Single(trace.Graph.Initializer, tensor => tensor.Name == "head.classes.weight");
        Assert.Equal(trace.Graph.Initializer.Count, trace.Graph.Initializer.Select(tensor => tensor.Name).Distinct().Count());
    }

    [Fact]
    public void Export_leaves_the_mode_of_the_detector_as_it_was()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new FcosDetector(Small, seed: 1);
        detector.train();

        OnnxExporter.Write(detector, NewPassport(96, 64), folder.File("model.onnx"));

        Assert.True(detector.training);
    }

    // ResNet-18 without classifier has 1.814 G multiply-adds at 224 x 224; the stem alone has 64 * 3 * 49 * 112 * 112.
    [Fact]
    public void Multiply_adds_are_those_of_the_layers()
    {
        using var detector = new FcosDetector(new FcosOptions { CategoryCount = 3, Neck = NeckOptions.Dense with { Channels = 8 }, TowerDepth = 0 }, seed: 1);
        long[] cells = [28 * 28, 14 * 14, 7 * 7, 4 * 4, 2 * 2];
        long laterals = (cells[0] * 128 + cells[1] * 256 + cells[2] * 512) * 8;
        long outputs = cells.Sum() * 8 * 8 * 9;
        long head = cells.Sum() * 8 * 9 * (3 + 4 + 1);

        var count = DetectorWork.Count(detector, new InputSpec { Width = 224, Height = 224 }).MultiplyAdds;

        Assert.Equal(1_813_561_344, count - laterals - outputs - head);
    }

    [Fact]
    public async Task Published_model_has_the_next_version_and_its_passport_beside_it()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = Lively(Small);
        var ct = TestContext.Current.CancellationToken;

        var first = await ModelPublisher.PublishAsync(detector, NewPassport(128, 96), Pictures(2), folder.Path, ct);
        var second = await ModelPublisher.PublishAsync(detector, NewPassport(128, 96), Pictures(2), folder.Path, ct);

        Assert.Equal(folder.File("noise/1"), first.Folder);
        Assert.Equal(2, second.Passport.Version);
        Assert.Equal(2, Passport.Read(folder.File("noise/2/model.json")).Version);
        Assert.True(File.Exists(folder.File("noise/2/model.onnx")));
        Assert.Equal(2, Directory.EnumerateFileSystemEntries(folder.File("noise")).Count());
    }

    [Fact]
    public async Task Model_whose_weights_changed_after_the_export_is_refused_and_leaves_nothing()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = Lively(Small);
        var ct = TestContext.Current.CancellationToken;

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => ModelPublisher.PublishAsync(
            detector, NewPassport(128, 96), Pictures(2), folder.Path, measure: null, exported: _ => Nudge(detector), ct));

        Assert.Contains("noise: not published, TorchSharp and ONNX Runtime disagree: 5 images", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Measured_metrics_are_in_the_passport_beside_the_file_and_inside_it()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = Lively(Small);
        var ct = TestContext.Current.CancellationToken;
        var provenance = new Provenance
        {
            Recipe = "recipe",
            Commit = "commit",
            Seed = 1,
            TrainedOn = [],
            Parameters = 1,
            MultiplyAdds = 1,
            TrainingResolution = "128 x 96",
            TestResolution = "128 x 96",
            Metrics = [OfRun("pictures", "count"), OfRun("others", "count"), OfRun("pictures", "other")],
        };

        var published = await ModelPublisher.PublishAsync(
            detector, NewPassport(128, 96) with { Provenance = provenance }, Pictures(2), folder.Path, Measure, ct);

        var metrics = Passport.Read(Path.Combine(published.Folder, Passport.FileName)).Provenance!.Metrics;
        // Those of the run, except where the file was measured on the same data under the same protocol.
        Assert.Equal([("others", "count"), ("pictures", "other"), ("pictures", "count")], metrics.Select(of => (of.Dataset, of.Protocol)));
        Assert.InRange(metrics[^1].Values["detections"], 1, 100);
        using var session = new InferenceSession(Path.Combine(published.Folder, ModelPublisher.FileName));
        Assert.Equal(published.Passport.ToJson(), session.ModelMetadata.CustomMetadataMap[Passport.MetadataKey]);

        static ObtainedMetrics OfRun(string dataset, string protocol) => new(dataset, protocol, new Dictionary<string, double> { ["detections"] = -1 });

        async Task<IReadOnlyList<ObtainedMetrics>> Measure(DetectionModel model)
        {
            var result = await model.DetectAsync(Pictures(1)[0], new(ScoreThreshold: 0), ct);
            return [new ObtainedMetrics("pictures", "count", new Dictionary<string, double> { ["detections"] = result.Detections.Count })];
        }
    }

    [Fact]
    public void Rounded_weights_halve_the_file_and_change_nothing_else()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = Lively(Small);
        OnnxExporter.Write(detector, NewPassport(128, 96), folder.File("full.onnx"));

        HalfWeights.Round(detector);
        OnnxExporter.Write(detector, NewPassport(128, 96), folder.File("half.onnx"));

        var report = ParityCheck.Run(detector, folder.File("half.onnx"), NewPassport(128, 96).Input, Pictures(4), TestContext.Current.CancellationToken);
        var share = (double)new FileInfo(folder.File("half.onnx")).Length / new FileInfo(folder.File("full.onnx")).Length;
        Assert.True(report.Passed, report.ToString());
        Assert.InRange(share, 0.4, 0.6);
    }

    [Fact]
    public async Task Model_that_detects_nothing_is_not_published_for_want_of_something_to_compare()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new FcosDetector(Small with { ScoreThreshold = 0.99 }, seed: 1);

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => ModelPublisher.PublishAsync(
            detector, NewPassport(128, 96), Pictures(2), folder.Path, TestContext.Current.CancellationToken));

        Assert.Contains("the check compared nothing", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private static void Nudge(FcosDetector detector)
    {
        using var _ = no_grad();
        detector.state_dict()["head.scales"].mul_(1.01);
    }

    /// <summary>Random weights large enough that class probabilities spread over 0..1: many detections, many decisions.</summary>
    private static FcosDetector Lively(FcosOptions options)
    {
        var detector = new FcosDetector(options, seed: 2);
        using var _ = no_grad();
        using var generator = new Generator(7);
        var state = detector.state_dict();
        state["head.classes.bias"].fill_(-2.5);
        state["head.classes.weight"].normal_(0, 0.04, generator);
        state["head.distances.weight"].normal_(0, 0.05, generator);
        state["head.distances.bias"].fill_(1.5);
        state["head.centerness.weight"].normal_(0, 0.05, generator);
        detector.eval();
        return detector;
    }

    private static Passport NewPassport(int width, int height) => new()
    {
        Name = "noise",
        Version = 1,
        Input = new InputSpec { Width = width, Height = height },
        Categories = [new Category(1, "a"), new Category(2, "b"), new Category(3, "c")],
    };

    /// <summary>Blobs of colour: neighbouring pixels are alike, as in photographs.</summary>
    private static List<Picture> Pictures(int count)
    {
        var random = new Random(11);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var small = new byte[12 * 9 * 3];
            random.NextBytes(small);
            return PictureScaler.Resize(new Picture(12, 9, small), 160 + random.Next(80), 120 + random.Next(80));
        })];
    }
}
