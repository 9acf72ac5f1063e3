using Serve.Inference.Pictures;

namespace Serve.Cli.Tests.Data;

public sealed class PreviewCommandTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private string Demo => _folder.File("data/demo-scenes");

    private string Out => _folder.File("preview");

    public async ValueTask InitializeAsync()
    {
        var run = await CommandRun.OfAsync("data", "make", "--out", Demo, "--train", "5", "--val", "0", "--test", "0");
        Assert.Equal(0, run.ExitCode);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Batches_become_pictures_of_the_canvas_and_a_page_that_lists_them()
    {
        var run = await CommandRun.OfAsync("data", "preview", "fcos-r18-gn", "--data", Demo, "--out", Out, "--count", "2", "--set", "batchSize=2", "--set", "augmentation.width=96", "--set", "augmentation.height=64");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("index.html: 2 batches, 4 images, ", run.Output, StringComparison.Ordinal);
        var page = await File.ReadAllTextAsync(Path.Combine(Out, "index.html"), TestContext.Current.CancellationToken);
        var pictures = Directory.GetFiles(Out, "*.png");
        Assert.Equal(4, pictures.Length);
        foreach (var file in pictures)
        {
            var picture = PictureDecoder.DecodeFile(file, new PictureLimits());
            Assert.Equal((96, 64), (picture.Width, picture.Height));
            Assert.Contains($"<img src=\"{Path.GetFileName(file)}\"", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pasting_needs_masks_which_are_read_though_the_detector_learns_none()
    {
        var run = await CommandRun.OfAsync(
            "data", "preview", "fcos-r18-gn", "--data", Demo, "--out", Out, "--count", "1", "--set", "batchSize=4", "--set", "augmentation.resize=jitter", "--set", "augmentation.copyPaste={}");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(4, Directory.GetFiles(Out, "*.png").Length);
    }

    [Fact]
    public async Task A_split_that_is_not_there_is_told()
    {
        var run = await CommandRun.OfAsync("data", "preview", "fcos-r18-gn", "--data", Demo, "--out", Out, "--split", "nope");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains("has no split \"nope\"", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Out));
    }
}
