using System.Text;
using Serve.Eval.Datasets;

namespace Serve.Eval.Tests.Datasets;

/// <summary>Masks and keypoints of detections, and what the first detection decides.</summary>
public class CocoResultsPartsTests
{
    private const string Mask = "\"segmentation\":{\"size\":[5,4],\"counts\":\"723O4\"}";
    private const string Ids = "\"image_id\":1,\"category_id\":2,\"score\":0.5";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Boxes_keep_their_masks()
    {
        var table = await Read($$"""
            [{"bbox":[1,2,3,4],{{Ids}}},
             {"bbox":[1,2,3,4],{{Mask}},{{Ids}}},
             {"bbox":[1,2,3,4],"segmentation":{"size":[5,4],"counts":[7,2,3,1,7]},{{Ids}}},
             {"bbox":[1,2,3,4],"segmentation":[[1,2,3,4,5,6.5],[]],{{Ids}}},
             {"bbox":[1,2,3,4],"segmentation":[],{{Ids}}}]
            """, AnnotationParts.Segmentations);

        Assert.Equal(
            [" no mask", " Text (5, 4) 723O4", " List (5, 4) 723O4", " polygons(1 2 3 4 5 6.5)()", " polygons"],
            Enumerable.Range(0, 5).Select(row => TableText.Of(table.Segmentations, row)));
        Assert.All(table.Areas.ToArray(), area => Assert.Equal(12, area));
        Assert.Null(table.Keypoints);
    }

    [Fact]
    public async Task Masks_decide_where_the_first_box_is_empty()
    {
        var table = await Read($$"""[{"bbox":[],{{Mask}},{{Ids}}},{"keypoints":[1,2,3],{{Mask}},{{Ids}},"bbox":[0,0,1,1]}]""", AnnotationParts.All);

        Assert.Equal([3, 3], table.Areas);
        Assert.Equal([1, 0], table.X);
        Assert.Equal(" Text (5, 4) 723O4", TableText.Of(table.Segmentations, 1));
        Assert.Equal([" keypoints  labelled -1", " keypoints 1 2 3 labelled -1"], Enumerable.Range(0, 2).Select(row => TableText.Of(table.Keypoints, row)));
    }

    [Fact]
    public async Task Keypoints_make_boxes_and_areas()
    {
        // All points count, labelled or not, and boxes beside them do not.
        var table = await Read($$"""[{"keypoints":[4,20,0,1.5,30,2,9,25,1],{{Ids}}},{"bbox":[0,0,1,1],"keypoints":[3,3,1],{{Ids}}}]""", AnnotationParts.Keypoints);

        Assert.Equal([1.5, 3], table.X);
        Assert.Equal([20, 3], table.Y);
        Assert.Equal([7.5, 0], table.Width);
        Assert.Equal([10, 0], table.Height);
        Assert.Equal([75, 0], table.Areas);
        Assert.Equal([" keypoints 4 20 0 1.5 30 2 9 25 1 labelled -1", " keypoints 3 3 1 labelled -1"], Enumerable.Range(0, 2).Select(row => TableText.Of(table.Keypoints, row)));
    }

    [Fact]
    public async Task Boxes_keep_keypoints_beside_them()
    {
        var table = await Read($$"""[{"bbox":[1,2,3,4],"keypoints":[1,2,3],{{Ids}}},{"bbox":[1,2,3,4],{{Ids}}},{"bbox":[1,2,3,4],"keypoints":null,{{Ids}}}]""", AnnotationParts.Keypoints);

        Assert.Equal([12, 12, 12], table.Areas);
        Assert.Equal([1, 0, 0], Enumerable.Range(0, 3).Select(table.Keypoints!.CountOf));
    }

    [Fact]
    public async Task Names_may_be_escaped_and_of_any_length()
    {
        var json = $$"""
            [{"\u0069mage_id":1,"{{new string('x', 200)}}":0,"\u0078{{new string('x', 200)}}":0,"\ud800":0,"":0,
              "category_i\u0064":2,"bb\u006fx":[1,2,3,4],"segment\u0061tion":{"s\u0069ze":[5,4],"c\u006funts":"723O4"},"s\u0063ore":0.5}]
            """;

        var table = await Read(json, AnnotationParts.Segmentations);

        Assert.Equal((1, 2, 0.5, 12), (table.ImageIds[0], table.CategoryIds[0], table.Scores[0], table.Areas[0]));
        Assert.Equal(" Text (5, 4) 723O4", TableText.Of(table.Segmentations, 0));
    }

    [Fact]
    public async Task What_is_not_asked_for_may_be_anything()
    {
        var table = await Read($$"""[{"bbox":[1,2,3,4],"segmentation":7,"keypoints":"none",{{Ids}}}]""", AnnotationParts.Boxes);

        Assert.Equal(1, table.Count);
    }

    [Theory]
    [InlineData("\"segmentation\":[[1,2,3,4,5,6]]", "#1: \"segmentation\" does not describe a mask; it must be {\"size\": [height, width], \"counts\": \"compressed run lengths\"}.")]
    [InlineData("\"segmentation\":{\"size\":[5,4],\"counts\":[7,2]}", "#1: \"segmentation\" does not describe a mask; it must be {\"size\": [height, width], \"counts\": \"compressed run lengths\"}.")]
    [InlineData("\"segmentation\":null", "#1: \"segmentation\" is missing; it must be {\"size\": [height, width], \"counts\": \"compressed run lengths\"}, as in the first detection.")]
    [InlineData("\"segmentation\":\"x\"", "#1: \"segmentation\" is the text \"x\"; it must be {\"size\": [height, width], \"counts\": \"compressed run lengths\"}.")]
    [InlineData("\"bbox\":[0,0,1,1],\"segmentation\":[1]", "#1: \"segmentation\" is 1; it must be polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}.")]
    [InlineData("\"bbox\":[0,0,1,1],\"segmentation\":[[\"x\"]]", "#1: \"segmentation\" holds the text \"x\"; it must be polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}.")]
    [InlineData("\"bbox\":[0,0,1,1],\"segmentation\":{\"size\":[5,-4],\"counts\":\"72\"}", "#1: \"segmentation\" does not describe a mask; it must be polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}.")]
    [InlineData("\"bbox\":[0,0,1,1],\"segmentation\":{\"size\":[5,4],\"counts\":[0.5]}", "#1: \"segmentation\" does not describe a mask; it must be polygons, [[x, y, …], …], or run lengths, {\"size\": [height, width], \"counts\": …}.")]
    [InlineData("\"bbox\":[0,0,1,1],\"keypoints\":[1,2,3,4]", "#1: \"keypoints\" has 4 values; it must be [x, y, v, …], three finite numbers a keypoint.")]
    [InlineData("\"keypoints\":[]", "#1: \"keypoints\" is empty; it must be [x, y, v, …], three finite numbers a keypoint.")]
    [InlineData("\"keypoints\":[1,2,null]", "#1: \"keypoints\" holds null; it must be [x, y, v, …], three finite numbers a keypoint.")]
    [InlineData("\"keypoints\":null", "#1: \"keypoints\" is missing; it must be [x, y, v, …], as in the first detection.")]
    [InlineData("\"keypoints\":[1,2,3]},{\"bbox\":[0,0,1,1]", "#2: \"keypoints\" is missing; it must be [x, y, v, …], as in the first detection.")]
    [InlineData("\"bbox\":[0,0,1,1]},{\"keypoints\":[1,2,3]", "#2: \"bbox\" is missing; it must be [x, y, width, height].")]
    [InlineData("\"bbox\":null", "#1: \"bbox\" is null; it must be [x, y, width, height], four finite numbers.")]
    public async Task Reader_names_the_fault(string fields, string message)
    {
        var json = $"[{{{fields.Replace("},{", $",{Ids}}},{{", StringComparison.Ordinal)},{Ids}}}]";

        var fault = await Assert.ThrowsAsync<InvalidInputException>(() => Read(json, AnnotationParts.All));

        Assert.Equal($"dt.json: detection {message}", fault.Message);
    }

    [Theory]
    [InlineData("\"bbox\":[1,2,3,4],\"segmentation\":[[1,2,3,4.25,5,6]],\"keypoints\":[1,2,3,0.1,5,6]", AnnotationParts.All)]
    [InlineData("\"bbox\":[1,2,3,4],\"keypoints\":[1,2,3]", AnnotationParts.All)]
    [InlineData("\"bbox\":[1,2,3,4]", AnnotationParts.All)]
    [InlineData(Mask, AnnotationParts.All)]
    [InlineData("\"keypoints\":[1,2,3,4,5,6.125]", AnnotationParts.Keypoints)]
    public async Task Writing_and_reading_gives_back_masks_keypoints_and_areas(string fields, AnnotationParts parts)
    {
        var table = await Read($"[{{{fields},{Ids}}},{{{fields},{Ids}}}]", parts);
        using var stream = new MemoryStream();

        await CocoResults.WriteAsync(stream, table, Ct);

        Assert.Equal(TableText.Of(table), TableText.Of(await Read(Encoding.UTF8.GetString(stream.ToArray()), parts)));
    }

    [Fact]
    public async Task Writer_writes_no_masks_that_nobody_gave()
    {
        var json = "[{\"image_id\":1,\"category_id\":2,\"bbox\":[1,2,3,4],\"score\":0.5}]";
        using var stream = new MemoryStream();

        await CocoResults.WriteAsync(stream, await Read(json, AnnotationParts.Segmentations), Ct);

        Assert.Equal(json, Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public async Task Writer_escapes_no_more_than_it_must()
    {
        var table = new DetectionTable { Segmentations = new() };
        table.Add(1, 2, 0, 0, 1, 1, 0.5);
        table.Segmentations.AddRunLengths("<>&'`\\o"u8, 9, 9);
        using var stream = new MemoryStream();

        await CocoResults.WriteAsync(stream, table, Ct);

        Assert.Equal("""[{"image_id":1,"category_id":2,"bbox":[0,0,1,1],"segmentation":{"size":[9,9],"counts":"<>&'`\\o"},"score":0.5}]""", Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static async Task<DetectionTable> Read(string json, AnnotationParts parts)
    {
        await using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return await CocoResults.ReadAsync(stream, "dt.json", parts, ct: Ct);
    }
}
