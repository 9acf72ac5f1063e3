using Serve.Eval.Datasets;
using Serve.Inference.Models;
using Serve.Inference.Pictures;
using Serve.Training.Export;
using Serve.Training.Runs;
using Serve.Training.Tests.Export;
using static TorchSharp.torch;

namespace Serve.Training.Tests.Runs;

public sealed class ValidationPassTests
{
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

        var report = ValidationPass.Run(detector, dataset.Categories, input, data, dataset, CPU, ct);

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
}
