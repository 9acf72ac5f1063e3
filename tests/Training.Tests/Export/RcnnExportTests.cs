using Serve.Eval.Datasets;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Inference.Preprocessing;
using Serve.Training.Boxes;
using Serve.Training.Export;
using Serve.Training.Models;
using Serve.Training.Models.Rcnn;
using Serve.Training.Recipes;
using Serve.Training.Tests.Models.Rcnn;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Export;

public sealed class RcnnExportTests
{
    [Theory]
    [InlineData(DetectionDialect.Detectron2, BoxHeadKind.TwoFc, false, 192, 128)]
    [InlineData(DetectionDialect.Detectron, BoxHeadKind.FourConvOneFc, false, 192, 128)]
    [InlineData(DetectionDialect.Torchvision, BoxHeadKind.TwoFc, true, 192, 128)]
    [InlineData(DetectionDialect.Detectron2, BoxHeadKind.TwoFc, false, 160, 224)] // another size than the traced one
    public void Exported_detector_detects_as_torchsharp_does_in_batches_of_one_and_three(DetectionDialect dialect, BoxHeadKind kind, bool agnostic, int width, int height)
    {
        using var folder = TestFiles.NewFolder();
        using var detector = TinyRcnn.Lively(TinyRcnn.Options with
        {
            Dialect = dialect,
            BoxHead = new() { Kind = kind, Channels = 16, Width = 64, ClassAgnostic = agnostic, Norm = kind == BoxHeadKind.TwoFc ? null : Norm.Group() },
        });
        OnnxExporter.Write(detector, NewPassport(192, 128), folder.File("model.onnx"));

        var report = ParityCheck.Run(detector, folder.File("model.onnx"), NewPassport(width, height).Input, Pictures(4), TestContext.Current.CancellationToken);

        Assert.Equal(4 + 6, report.Images);
        Assert.True(report.Detections > 100, report.ToString());
        Assert.True(report.Passed, report.ToString());
    }

    [Theory]
    [InlineData(DetectionDialect.Detectron2, false)]
    [InlineData(DetectionDialect.Detectron, false)]
    [InlineData(DetectionDialect.Detectron2, true)]
    public void One_file_detects_as_torchsharp_does_on_pictures_of_various_sizes(DetectionDialect dialect, bool cascade)
    {
        using var folder = TestFiles.NewFolder();
        var options = TinyRcnn.Options with
        {
            Dialect = dialect,
            Mask = new() { Channels = 16 },
            BoxHead = TinyRcnn.Options.BoxHead with { ClassAgnostic = cascade },
            Cascade = cascade ? new() : null,
        };
        var recipe = FpnFasterMaskRcnn.FasterR50 with { Detector = options, TestShortSide = 120, TestLongSide = 200 };
        using var detector = TinyRcnn.Lively(options);
        var passport = NewPassport(96, 64) with { Input = recipe.ToInputSpec(), Outputs = recipe.ToOutputSpec() };
        List<Picture> pictures = [.. Pictures(2), PictureScaler.Resize(Pictures(1)[0], 120, 210), PictureScaler.Resize(Pictures(1)[0], 300, 120)];
        OnnxExporter.Write(detector, passport, folder.File("model.onnx"));

        var report = ParityCheck.Run(detector, folder.File("model.onnx"), passport.Input, pictures, TestContext.Current.CancellationToken, passport.Outputs);

        var sizes = pictures.Select(picture => ResizePlan.For(passport.Input, picture.Width, picture.Height)).Select(plan => (plan.InputWidth, plan.InputHeight)).Distinct();
        Assert.InRange(sizes.Count(), 3, 4);
        Assert.True(report.Detections > 50, report.ToString());
        Assert.True(report.Passed, report.ToString());
    }

    [Fact]
    public void Exported_masks_are_those_of_torchsharp()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = TinyRcnn.Lively(TinyRcnn.Options with { Mask = new() { Channels = 16, Convolutions = 2 } });
        using (no_grad())
        using (var random = new Generator(9))
            detector.state_dict()["heads.mask.head.0.predictor.weight"].normal_(0, 0.5, random);
        var passport = NewPassport(192, 128) with { Outputs = new OutputSpec { Masks = "masks" } };
        OnnxExporter.Write(detector, passport, folder.File("model.onnx"));

        var report = ParityCheck.Run(detector, folder.File("model.onnx"), passport.Input, Pictures(4), TestContext.Current.CancellationToken, passport.Outputs);

        Assert.True(report.Passed && report.Detections > 100, report.ToString());
        Assert.InRange(report.MaxMaskDifference!.Value, 1e-9, ParityReport.MaskTolerance / 4);
    }

    [Fact]
    public void Graph_has_neither_loops_nor_branches_and_each_weight_once()
    {
        using var detector = TinyRcnn.Lively(TinyRcnn.Options);

        var graph = DetectorTrace.Of(detector, NewPassport(192, 128).Input, new OutputSpec()).Graph;

        Assert.DoesNotContain(graph.Node, node => node.OpType is "Loop" or "If" or "Scan");
        Assert.Equal(graph.Initializer.Count, graph.Initializer.Select(tensor => tensor.Name).Distinct().Count());
        Assert.Single(graph.Initializer, tensor => tensor.Name == "proposals.objectness.weight");
        Assert.Equal(2, graph.Node.Count(node => node.OpType == "NonMaxSuppression"));
        Assert.Equal(4, graph.Node.Count(node => node.OpType == "RoiAlign"));
    }

    [Fact]
    public void Work_of_the_heads_is_counted_for_all_proposals_and_not_for_those_of_the_empty_example()
    {
        using var few = TinyRcnn.Lively(TinyRcnn.Options with { Proposals = TinyRcnn.Options.Proposals with { PostNmsTest = 60 } });
        using var many = TinyRcnn.Lively(TinyRcnn.Options with { Proposals = TinyRcnn.Options.Proposals with { PostNmsTest = 160 } });
        var input = NewPassport(192, 128).Input;
        // Two fully connected layers, classes and moves, for 100 proposals more.
        const long PerProposal = 32 * 49 * 64 + 64 * 64 + 64 * 4 + 64 * 12;

        long Work(RcnnDetector detector) => DetectorTrace.Of(detector, input, new OutputSpec()).Operations.MultiplyAdds;

        Assert.Equal(100 * PerProposal, Work(many) - Work(few));
    }

    private static Passport NewPassport(int width, int height) => new()
    {
        Name = "noise",
        Version = 1,
        Input = (FpnFasterMaskRcnn.FasterR18Small with { TestWidth = width, TestHeight = height }).ToInputSpec(),
        Categories = [new Category(1, "a"), new Category(2, "b"), new Category(3, "c")],
    };

    /// <summary>Blobs of colour of several shapes, so that valid parts differ within a batch.</summary>
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
