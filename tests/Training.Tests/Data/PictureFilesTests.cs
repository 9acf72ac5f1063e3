using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Training.Data;

namespace Serve.Training.Tests.Data;

public class PictureFilesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_missing_picture_is_named()
    {
        using var folder = TestFiles.NewFolder();
        var files = new PictureFiles(Folder(folder));

        var fault = Assert.Throws<InvalidInputException>(() => files.Read(new(5, "sub/a.png", 8, 8)));

        Assert.Equal($"{folder.File("images/sub/a.png")}: the dataset lists this picture (image 5), but there is no such file.", fault.Message);
    }

    [Fact]
    public void A_broken_picture_is_named()
    {
        using var folder = TestFiles.NewFolder();
        var files = new PictureFiles(Folder(folder));
        File.WriteAllText(folder.File("images/a.png"), "no picture");

        var fault = Assert.ThrowsAny<InvalidInputException>(() => files.Read(new(5, "a.png", 8, 8)));

        Assert.Contains("a.png", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blood_cells_are_loaded_with_every_object_inside_the_canvas()
    {
        var folder = DatasetFolder.Open(TestFiles.Shared("data/bccd"));
        var dataset = await folder.ReadAsync("train", Token);
        var options = new Augmentation
        {
            Width = 384,
            Height = 288,
            VerticalFlip = 0.5,
            Scale = (0.7, 1.4),
            ColorJitter = (0.2, 0.2, 0.2, 0.02),
        };
        using var loader = new BatchLoader(folder, dataset, new BatchOptions { Augmentation = options, BatchSize = 4 }, workers: 2);

        var batches = await TestScenes.ReadAsync(loader, 0, 10, Token);

        Assert.All(batches, b => Assert.Equal([4, 3, 288, 384], b.Shape));
        Assert.All(batches.SelectMany(b => b.Boxes).SelectMany(b => b.Chunk(4)), b =>
        {
            Assert.InRange(b[0], 0, b[2] - 1);
            Assert.InRange(b[1], 0, b[3] - 1);
            Assert.InRange(b[2], 1, 384);
            Assert.InRange(b[3], 1, 288);
        });
        Assert.InRange(batches.Average(b => b.Pixels.Average()), 80, 220);
        Assert.InRange(batches.Sum(b => b.Labels.Sum(l => l.Length)), 200, 1000);
    }

    private static DatasetFolder Folder(TemporaryFolder folder)
    {
        Directory.CreateDirectory(folder.File("annotations"));
        Directory.CreateDirectory(folder.File("images"));
        File.WriteAllText(folder.File("annotations/instances.json"), "{}");
        return DatasetFolder.Open(folder.Path);
    }
}
