using Serve.Inference.Pictures;

namespace Serve.Cli.Tests.Detect;

public sealed class DetectCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_drawn_copy_takes_the_place_of_an_older_one_as_a_whole()
    {
        File.WriteAllBytes(_folder.File("grey.png"), PictureEncoder.Encode(new Picture(64, 48, new byte[64 * 48 * 3]), "image/png"));
        Directory.CreateDirectory(_folder.File("drawn"));
        File.WriteAllText(_folder.File("drawn/grey.jpg"), "older");
        using var reader = new StreamReader(new FileStream(_folder.File("drawn/grey.jpg"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

        var run = await CommandRun.OfAsync(
            "detect", _folder.File("grey.png"), "--model", "demo-scenes", "--models", Path.Combine(TestFiles.Root, "models"), "--device", "cpu", "--out", _folder.File("drawn"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        // Who has the old file open still reads the old one.
        Assert.Equal("older", await reader.ReadToEndAsync(TestContext.Current.CancellationToken));
        Assert.Equal([0xFF, 0xD8], File.ReadAllBytes(_folder.File("drawn/grey.jpg"))[..2]);
        Assert.Equal([_folder.File("drawn/grey.jpg")], Directory.GetFileSystemEntries(_folder.File("drawn")));
    }
}
