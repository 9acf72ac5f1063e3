using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

public sealed class CocoResultsWriterTests : IDisposable
{
    private readonly TemporaryFolder folder = TestFiles.NewFolder();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Boxes_read_back_to_the_same_bits_in_the_same_order()
    {
        var ct = TestContext.Current.CancellationToken;
        var table = new DetectionTable();
        var random = new Random(3);
        for (var i = 0; i < 500; i++)
            table.Add(random.NextInt64(1L << 50), i % 7, random.NextDouble(), -1e-9 * random.NextDouble(), 1e7 * random.NextDouble(), (float)random.NextDouble(), random.NextDouble());

        await CocoResultsWriter.WriteAsync(folder.File("results.json"), table, ct);
        var read = await CocoResults.ReadAsync(folder.File("results.json"), ct);

        Assert.Equal(table.ImageIds.ToArray(), read.ImageIds.ToArray());
        Assert.Equal(table.CategoryIds.ToArray(), read.CategoryIds.ToArray());
        Assert.Equal(table.X.ToArray(), read.X.ToArray());
        Assert.Equal(table.Y.ToArray(), read.Y.ToArray());
        Assert.Equal(table.Width.ToArray(), read.Width.ToArray());
        Assert.Equal(table.Height.ToArray(), read.Height.ToArray());
        Assert.Equal(table.Scores.ToArray(), read.Scores.ToArray());
        Assert.Equal(["results.json"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Masks_and_keypoints_are_written_where_there_are_any()
    {
        var ct = TestContext.Current.CancellationToken;
        const string Text = """[{"image_id":1,"category_id":2,"bbox":[0,0,2,2],"score":0.5,"segmentation":{"size":[4,4],"counts":"05;"},"keypoints":[1,2,2,3.5,4,1]},{"image_id":1,"category_id":2,"bbox":[0,0,2,2],"score":0.25,"segmentation":[[0,0,2,0,2,2]]}]""";
        await File.WriteAllTextAsync(folder.File("given.json"), Text, ct);

        await CocoResultsWriter.WriteAsync(folder.File("results.json"), await CocoResults.ReadAsync(folder.File("given.json"), AnnotationParts.All, ct: ct), ct);

        Assert.Equal(Text, await File.ReadAllTextAsync(folder.File("results.json"), ct));
    }

    [Fact]
    public async Task Numbers_that_JSON_cannot_hold_are_refused_and_what_was_there_stays()
    {
        var ct = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(folder.File("results.json"), "[]", ct);
        var table = new DetectionTable();
        table.Add(7, 1, 0, 0, 1, 1, double.NaN);

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => CocoResultsWriter.WriteAsync(folder.File("results.json"), table, ct));

        Assert.Equal("detection #1 on image 7: holds NaN; every number must be finite.", fault.Message);
        Assert.Equal("[]", await File.ReadAllTextAsync(folder.File("results.json"), ct));
        Assert.Single(Directory.EnumerateFiles(folder.Path));
    }
}
