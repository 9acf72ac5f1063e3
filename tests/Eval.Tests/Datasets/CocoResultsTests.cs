using System.Text;
using CsCheck;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

public class CocoResultsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reader_keeps_order_and_exact_values()
    {
        var table = await Read("""
            [{"image_id":42,"category_id":18,"bbox":[258.15,41.29,348.26,243.78],"score":0.236,"extra":{"a":[1]}},
             {"score":1,"bbox":[0,-1,2.5,4],"segmentation":[[1,2]],"category_id":-1,"image_id":9007199254740993}]
            """);

        Assert.Equal(2, table.Count);
        Assert.Equal([42, 9007199254740993], table.ImageIds);
        Assert.Equal([18, -1], table.CategoryIds);
        Assert.Equal([258.15, 0], table.X);
        Assert.Equal([41.29, -1], table.Y);
        Assert.Equal([348.26, 2.5], table.Width);
        Assert.Equal([243.78, 4], table.Height);
        Assert.Equal([0.236, 1], table.Scores);
        Assert.Equal([348.26 * 243.78, 10], table.Areas);
    }

    [Fact]
    public async Task Reader_takes_boxes_and_areas_from_masks_when_the_first_detection_has_no_box()
    {
        // 5 rows, 4 columns; ones at rows 2-3 of column 1 and row 2 of column 2: runs 7, 2, 3, 1 and the rest 7.
        var table = await Read("""
            [{"image_id":1,"category_id":1,"segmentation":{"size":[5,4],"counts":"723O4"},"score":0.5},
             {"image_id":1,"category_id":1,"segmentation":{"size":[5,4],"counts":"723O4"},"bbox":[0,0,4,5],"score":0.5}]
            """);

        Assert.Equal([1, 0], table.X);
        Assert.Equal([2, 0], table.Y);
        Assert.Equal([2, 4], table.Width);
        Assert.Equal([2, 5], table.Height);
        Assert.Equal([3, 3], table.Areas);
    }

    [Fact]
    public async Task Reader_passes_over_a_broken_mask_beside_a_box()
    {
        var table = await Read("""[{"segmentation":{"size":[5,4],"counts":"ZZZ"},"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":0.5}]""");

        Assert.Equal([12], table.Areas);
    }

    [Theory]
    [InlineData("{\"images\":[]}", "dt.json: starts with an object, as a COCO dataset does; a results file is an array of {\"image_id\", \"category_id\", \"bbox\", \"score\"}.")]
    [InlineData("null", "dt.json: holds a single value; a results file is an array of {\"image_id\", \"category_id\", \"bbox\", \"score\"}.")]
    [InlineData("[[]]", "dt.json: detection #1: is not an object; every entry of the list must be one.")]
    [InlineData("[{\"category_id\":1,\"bbox\":[0,0,1,1],\"score\":1}]", "dt.json: detection #1: \"image_id\" is missing; it must be an integer.")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,1,1]}]", "dt.json: detection #1: \"score\" is missing; it must be a finite number.")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"score\":1}]", "dt.json: detection #1: \"bbox\" is missing; it must be [x, y, width, height].")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"bbox\":[0,0,1,1],\"score\":1e400}]", "dt.json: detection #1: \"score\" is 1e400; it must be a finite number.")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"score\":1,\"segmentation\":{\"size\":[5],\"counts\":\"72\"}}]", "dt.json: detection #1: \"segmentation\" does not describe a mask; it must be {\"size\": [height, width], \"counts\": \"compressed run lengths\"}.")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"score\":1,\"segmentation\":{\"size\":[5,4],\"counts\":\"ZZZZZZZZ\"}}]", "dt.json: detection #1: \"segmentation\" does not describe a mask; it must be {\"size\": [height, width], \"counts\": \"compressed run lengths\"}.")]
    [InlineData("[{\"image_id\":1,\"category_id\":1,\"score\":1,\"segmentation\":{\"size\":[5,4],\"counts\":\"723O4\"}},{\"image_id\":1,\"category_id\":1,\"score\":1,\"bbox\":[0,0,1,1]}]", "dt.json: detection #2: \"segmentation\" is missing; it must be {\"size\": [height, width], \"counts\": \"compressed run lengths\"}, as in the first detection.")]
    [InlineData("[{\"image_id\":1", "dt.json: not valid JSON at line 1, byte 15: '1' is an invalid end of a number. Expected a delimiter.")]
    public async Task Reader_names_the_fault(string json, string message)
    {
        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => Read(json));

        Assert.Equal(message, fault.Message);
    }

    [Fact]
    public async Task Writing_and_reading_gives_back_every_bit()
    {
        var number = Gen.Double.Where(double.IsFinite);
        await Gen.Select(Gen.Long, Gen.Long, number, number, number, number, number).Array[0, 20].SampleAsync(async rows =>
        {
            var table = new DetectionTable();
            foreach (var (image, category, x, y, w, h, score) in rows)
                table.Add(image, category, x, y, w, h, score);
            using var stream = new MemoryStream();
            await CocoResults.WriteAsync(stream, table, CancellationToken.None);
            stream.Position = 0;
            var back = await CocoResults.ReadAsync(stream, "dt.json", CancellationToken.None);
            return back.ImageIds.SequenceEqual(table.ImageIds) && back.CategoryIds.SequenceEqual(table.CategoryIds) && back.X.SequenceEqual(table.X)
                && back.Y.SequenceEqual(table.Y) && back.Width.SequenceEqual(table.Width) && back.Height.SequenceEqual(table.Height)
                && back.Scores.SequenceEqual(table.Scores);
        }, iter: 200);
    }

    [Fact]
    public async Task Numbers_with_all_their_digits_read_back_to_the_same_bits_and_no_temporary_file_stays()
    {
        using var folder = TestFiles.NewFolder();
        var table = new DetectionTable();
        var random = new Random(3);
        for (var i = 0; i < 500; i++)
            table.Add(random.NextInt64(1L << 50), i % 7, random.NextDouble(), -1e-9 * random.NextDouble(), 1e7 * random.NextDouble(), (float)random.NextDouble(), random.NextDouble());

        await CocoResults.WriteAsync(folder.File("results.json"), table, Ct);

        Assert.Equal(TableText.Of(table), TableText.Of(await CocoResults.ReadAsync(folder.File("results.json"), Ct)));
        Assert.Equal(["results.json"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(double.NaN, 1, "holds NaN")]
    [InlineData(1, double.NegativeInfinity, "holds -Infinity")]
    public async Task Writer_refuses_numbers_that_are_not_finite(double height, double score, string fault)
    {
        var table = new DetectionTable();
        table.Add(3, 1, 0, 0, 1, height, score);

        var refused = await Assert.ThrowsAsync<InvalidInputException>(() => CocoResults.WriteAsync(Stream.Null, table, Ct));

        Assert.Equal($"detection #1 on image 3: {fault}; every number must be finite.", refused.Message);
    }

    [Fact]
    public async Task Boxes_that_are_not_written_may_hold_anything()
    {
        var table = new DetectionTable { Segmentations = new() };
        table.Add(3, 1, 0, 0, 1, double.NaN, 0.5, area: 3);
        table.Segmentations.AddRunLengths("723O4"u8, 5, 4);
        using var stream = new MemoryStream();

        await CocoResults.WriteAsync(stream, table, Ct);

        Assert.Equal("""[{"image_id":3,"category_id":1,"segmentation":{"size":[5,4],"counts":"723O4"},"score":0.5}]""", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public async Task Writer_leaves_the_old_file_when_it_fails()
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("dt.json");
        await File.WriteAllTextAsync(path, "old", Ct);
        var table = new DetectionTable();
        table.Add(3, 1, 0, 0, 1, 1, double.NaN);

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => CocoResults.WriteAsync(path, table, Ct));

        Assert.Equal("detection #1 on image 3: holds NaN; every number must be finite.", fault.Message);
        Assert.Equal("old", await File.ReadAllTextAsync(path, Ct));
        Assert.Equal([path], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task Writer_replaces_a_file()
    {
        using var folder = TestFiles.NewFolder();
        var path = folder.File("dt.json");
        await File.WriteAllTextAsync(path, "old", Ct);
        var table = new DetectionTable();
        table.Add(3, 1, 0.1, 0, 1, 2, 0.75);

        await CocoResults.WriteAsync(path, table, Ct);

        Assert.Equal("""[{"image_id":3,"category_id":1,"bbox":[0.1,0,1,2],"score":0.75}]""", await File.ReadAllTextAsync(path, Ct));
    }

    private static async Task<DetectionTable> Read(string json)
    {
        await using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return await CocoResults.ReadAsync(stream, "dt.json", Ct);
    }
}
