using Microsoft.ML.OnnxRuntime;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Export;

namespace Serve.Training.Tests.Export;

/// <summary>What two-stage detectors need of the export: a second input with the valid sizes of images, and masks.</summary>
public sealed class SizesAndMasksTests
{
    private static readonly Passport Passport = new()
    {
        Name = "whole",
        Version = 1,
        Input = new InputSpec { Width = 64, Height = 32, Extra = [ValidSizes.Input] },
        Outputs = new OutputSpec { Masks = "masks" },
        Categories = [new Category(1, "a")],
    };

    [Fact]
    public void Sizes_are_an_input_and_masks_an_output_of_the_file()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new WholePictureDetector();

        OnnxExporter.Write(detector, Passport, folder.File("model.onnx"));

        using var session = new InferenceSession(folder.File("model.onnx"));
        Assert.Equal(["images", "sizes"], session.InputNames);
        Assert.Equal([-1, 2], session.InputMetadata["sizes"].Dimensions);
        Assert.Equal([-1, 1, 2, 2], session.OutputMetadata["masks"].Dimensions);
    }

    [Fact]
    public void Parity_check_feeds_both_sides_with_the_sizes_of_the_scaled_pictures()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new WholePictureDetector();
        OnnxExporter.Write(detector, Passport, folder.File("model.onnx"));

        var report = ParityCheck.Run(detector, folder.File("model.onnx"), Passport.Input, Pictures(), TestContext.Current.CancellationToken, Passport.Outputs);

        Assert.True(report.Passed && report is { Detections: 2 + 3, MaxMaskDifference: < 1e-6 }, report.ToString());
        Assert.Equal(["32x32", "64x32"], detector.Seen.Where(batch => batch.Valid.Count > 1).SelectMany(batch => batch.Valid).Distinct().Order());
    }

    [Fact]
    public async Task Model_whose_masks_differ_is_not_published()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new WholePictureDetector();
        using var other = new WholePictureDetector(right: 0.102);

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => ModelPublisher.PublishAsync(
            detector, Passport, Pictures(), folder.Path, measure: null, file => OnnxExporter.Write(other, Passport, file), TestContext.Current.CancellationToken));

        Assert.Equal(
            "whole: not published, TorchSharp and ONNX Runtime disagree: 5 images, 5 detections compared, 0 unmatched, 0 near-ties, boxes within 0 px, scores within 0, "
            + "masks within 0.0015; allowed: 0 unmatched, 0.1 px, 0.0001, masks 0.001.",
            fault.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Exported_file_gives_the_server_boxes_of_the_picture_and_masks_over_them()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new WholePictureDetector();
        var ct = TestContext.Current.CancellationToken;
        OnnxExporter.Write(detector, Passport, folder.File("model.onnx"));
        await Passport.WriteAsync(folder.File("model.json"), ct);

        await using var model = DetectionModel.Load(folder.Path, "cpu");
        var found = Assert.Single((await model.DetectAsync(Pictures()[0], new(ScoreThreshold: 0), ct)).Detections);

        Assert.Equal((0, 0, 40, 40), (found.Box.X1, found.Box.Y1, found.Box.X2, found.Box.Y2));
        Assert.NotNull(found.Mask);
    }

    [Fact]
    public async Task Pictures_of_various_sizes_reach_the_file_as_large_as_their_short_sides_say()
    {
        using var folder = TestFiles.NewFolder();
        using var detector = new WholePictureDetector();
        var ct = TestContext.Current.CancellationToken;
        var passport = Passport with { Input = Passport.Input with { Resize = ResizeRule.ShortestSide, Width = 96, Height = 64, SizeMultiple = 32 } };
        List<Picture> pictures = [.. Pictures(), new Picture(40, 50, new byte[40 * 50 * 3]), new Picture(40, 40, new byte[40 * 40 * 3])];
        OnnxExporter.Write(detector, passport, folder.File("model.onnx"));
        await passport.WriteAsync(folder.File("model.json"), ct);
        detector.Seen.Clear();

        var report = ParityCheck.Run(detector, folder.File("model.onnx"), passport.Input, pictures, ct, passport.Outputs);

        Assert.True(report.Passed && report.Detections == 4 + 3 * 3, report.ToString());
        Assert.Equal(
            ["1x3x64x64 64x64", "3x3x64x64 64x64 64x64 64x64", "1x3x64x96 96x48", "3x3x64x96 96x48 96x48 96x48", "1x3x96x64 64x80", "3x3x96x64 64x80 64x80 64x80"],
            detector.Seen.Select(batch => batch.ToString()).Distinct());
        await using var model = DetectionModel.Load(folder.Path, "cpu");
        foreach (var picture in pictures)
        {
            var found = Assert.Single((await model.DetectAsync(picture, new(ScoreThreshold: 0), ct)).Detections);
            Assert.Equal((0, 0, picture.Width, picture.Height), (found.Box.X1, found.Box.Y1, found.Box.X2, found.Box.Y2));
        }
    }

    // A square and a wide picture: the first fills half of the input.
    private static List<Picture> Pictures() => [new Picture(40, 40, new byte[40 * 40 * 3]), new Picture(80, 40, new byte[80 * 40 * 3])];
}
