using System.IO.Compression;
using System.Text;
using Serve.Eval.Checks;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Checks;

public class ResultsCheckTests
{
    // Several parts of a document.
    private const int Many = 10_000;

    private static readonly Dataset Data = new([new(1, "a.png", 64, 48)], [new(1, "cat")], [], "");

    [Fact]
    public async Task Faults_name_the_places_in_the_file_also_behind_detections_that_are_left_out()
    {
        var text = new StringBuilder("[");
        for (var i = 0; i < Many; i++)
            text.Append(i > 0 ? "," : "").Append(i % 1000 == 1 ? """{"image_id":1,"bbox":[0,0,1],"score":1}""" : $$"""{"image_id":{{(i % 1000 == 2 ? 9 : 1)}},"category_id":1,"bbox":[0,0,1,1],"score":0.{{i}}}""");

        var results = await CheckAsync(text.Append(']').ToString(), AnnotationParts.Boxes);

        Assert.Equal(Many - (Many / 1000), results.Detections.Count);
        Assert.Equal(3 * Many / 1000, results.FaultCount);
        Assert.Equal(
            [(1, "bbox"), (1, "category_id"), (2, "image_id"), (1001, "bbox"), (1001, "category_id"), (1002, "image_id")],
            results.Faults.Take(6).Select(fault => (fault.Record, fault.Field)));
        Assert.Equal((9002, "image_id", "is 9, which is not an image of the dataset (1 images)"), (results.Faults[^1].Record, results.Faults[^1].Field, results.Faults[^1].Text));
        Assert.Null(results.Unreadable);
    }

    [Fact]
    public async Task A_file_without_faults_is_read_as_ever()
    {
        const string text = """[{"image_id":1,"category_id":1,"segmentation":{"size":[48,64],"counts":"02gm1"},"score":0.1}]""";

        var results = await CheckAsync(text, AnnotationParts.Segmentations);

        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var expected = await CocoResults.ReadAsync(stream, "results.json", AnnotationParts.Segmentations, ct: TestContext.Current.CancellationToken);
        Assert.Empty(results.Faults);
        Assert.Equal(expected.Areas.ToArray(), results.Detections.Areas.ToArray());
        Assert.Equal(expected.Segmentations!.TextOf(0).ToArray(), results.Detections.Segmentations!.TextOf(0).ToArray());
    }

    [Theory]
    [InlineData("""{"annotations":[]}""", "results.json: starts with an object, as a COCO dataset does; a results file is an array of {\"image_id\", \"category_id\", \"bbox\", \"score\"}.")]
    [InlineData("""[7]""", "results.json: detection #1: is not an object; every entry of the list must be one.")]
    public async Task What_is_no_results_file_is_told_as_a_whole(string text, string expected)
    {
        var results = await CheckAsync(text, AnnotationParts.Boxes);

        Assert.Equal(expected, results.Unreadable);
        Assert.Equal(0, results.FaultCount);
    }

    [Fact]
    public async Task A_damaged_gzip_file_is_told_as_a_whole()
    {
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync(Encoding.UTF8.GetBytes("[" + new string(' ', 100_000) + "]"), TestContext.Current.CancellationToken);
        compressed.SetLength(compressed.Length / 2);
        compressed.Position = 0;

        var results = await ResultsCheck.ReadAsync(compressed, "results.json", Data, AnnotationParts.Boxes, most: 5, TestContext.Current.CancellationToken);

        Assert.NotNull(results.Unreadable);
    }

    private static async Task<CheckedResults> CheckAsync(string text, AnnotationParts parts)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await ResultsCheck.ReadAsync(stream, "results.json", Data, parts, most: 100, TestContext.Current.CancellationToken);
    }
}
