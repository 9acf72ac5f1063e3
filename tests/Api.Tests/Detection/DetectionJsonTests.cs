using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Serve.Api.Detection;
using Serve.Api.Problems;
using Serve.Api.Wire;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Masks;
using Serve.Inference.Detection;

namespace Serve.Api.Tests.Detection;

/// <summary>What is written by hand against the types that describe it.</summary>
public class DetectionJsonTests
{
    private static readonly AnswerHead Head = new("shapes", 3, "cpu", new DetectTimings(1.5, 2, 3, 4, 5, 16.25));

    [Fact]
    public async Task The_written_answer_is_what_its_type_describes()
    {
        var written = await WriteAsync(response => DetectionJson.WriteAsync(response, Head, [Seen(), Refused()], MaskForm.Rle, Token));

        var document = JsonSerializer.Deserialize(written, ServeJson.Default.DetectResponse)!;

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(written), JsonSerializer.SerializeToNode(document, ServeJson.Default.DetectResponse)), written);
        Assert.Equal(("shapes", 3, "cpu", Head.Timings), (document.Model, document.Version, document.Device, document.Timings));
        Assert.Equal(new ImageError(422, "It is damaged."), document.Images[1].Error);
        var found = document.Images[0].Detections[0];
        Assert.Equal(("a \"strange\" <name> ü", 7, 0.75f, new BoxDocument(1.25, 2, 5.5, 4)), (found.Category, found.CategoryId, found.Score, found.Box));
        Assert.Equal([new KeypointDocument(2, 3, 0.5f), new KeypointDocument(4, 3)], found.Keypoints!);
        Assert.Null(document.Images[0].Detections[1].Mask);
    }

    [Fact]
    public async Task A_mask_is_told_as_run_lengths_that_read_back_to_it()
    {
        var written = await WriteAsync(response => DetectionJson.WriteAsync(response, Head, [Seen()], MaskForm.Rle, Token));

        var mask = JsonNode.Parse(written)!["images"]![0]!["detections"]![0]!["mask"]!;
        Assert.Equal([4, 6], mask["size"]!.AsArray().Select(side => (int)side!));
        var read = new RunLengths();
        Assert.True(read.TryRead(System.Text.Encoding.ASCII.GetBytes((string)mask["counts"]!), 4, 6));
        Assert.Equal(Mask().ToCounts(), read.ToCounts());
    }

    [Fact]
    public async Task A_mask_is_told_as_polygons_or_not_at_all_when_asked_for()
    {
        var polygons = await WriteAsync(response => DetectionJson.WriteAsync(response, Head, [Seen()], MaskForm.Polygons, Token));
        var none = await WriteAsync(response => DetectionJson.WriteAsync(response, Head, [Seen()], MaskForm.None, Token));

        var polygon = Assert.Single(JsonNode.Parse(polygons)!["images"]![0]!["detections"]![0]!["mask"]!.AsArray());
        Assert.Equal([1, 1, 3, 1, 3, 3, 1, 3], polygon!.AsArray().Select(value => (double)value!));
        Assert.Null(JsonNode.Parse(none)!["images"]![0]!["detections"]![0]!["mask"]);
    }

    [Fact]
    public async Task Coco_results_have_its_names_and_boxes_as_xywh()
    {
        var written = await WriteAsync(response => CocoJson.WriteAsync(response, [Seen()], MaskForm.Rle, Token));

        var documents = JsonSerializer.Deserialize(written, ServeJson.Default.IReadOnlyListCocoResultDocument)!;
        var result = JsonNode.Parse(written)![0]!;
        Assert.Equal(["image_id", "category_id", "bbox", "score", "segmentation", "keypoints"], result.AsObject().Select(member => member.Key));
        Assert.Equal([1.25, 2, 4.25, 2], documents[0].Bbox);
        Assert.Equal([2, 3, 0.5, 4, 3, 1], documents[0].Keypoints!);
        Assert.Equal((139, 7), (documents[0].ImageId, documents[0].CategoryId));
    }

    [Theory]
    [InlineData("000000000139.jpg,42.png", 139, 42)]
    [InlineData("000000000139.jpg,139.png", 1, 2)]
    [InlineData("000000000139.jpg,cat.png", 1, 2)]
    [InlineData("1.5.jpg,-3.png", 1, 2)]
    [InlineData(",", 1, 2)]
    public void Image_ids_are_the_numbers_of_file_names_when_each_picture_has_its_own(string names, long first, long second)
    {
        DetectedPicture[] pictures = [.. names.Split(',').Select(name => Seen() with { FileName = name.Length > 0 ? name : null })];

        Assert.Equal([first, second], CocoJson.ImageIds(pictures));
    }

    [Fact]
    public async Task A_long_answer_is_whole()
    {
        var many = Enumerable.Repeat(Seen().Detections[0], 500).ToArray();
        var pictures = Enumerable.Repeat(Seen() with { Detections = many }, 8).ToArray();

        var written = await WriteAsync(response => DetectionJson.WriteAsync(response, Head, pictures, MaskForm.Rle, Token));

        var document = JsonSerializer.Deserialize(written, ServeJson.Default.DetectResponse)!;
        Assert.Equal(8 * 500, document.Images.Sum(image => image.Detections.Count));
    }

    private static DetectedPicture Seen() => new(
        "000000000139.jpg", 6, 4,
        [
            new DetectedObject(new Category(7, "a \"strange\" <name> ü"), 0.75f, new Box(1.25, 2, 5.5, 4)) { Mask = Mask(), Keypoints = [new Keypoint(2, 3, 0.5f), new Keypoint(4, 3, null)] },
            new DetectedObject(new Category(8, "plain"), 0.5f, new Box(0, 0, 6, 4)),
        ],
        new DetectionTimings(2, 3, 4, 5), 1.5);

    private static DetectedPicture Refused() => DetectedPicture.Refused("bad.png", new RequestRefusedException(422, "It is damaged."));

    /// <summary>Two by two pixels from (1, 1) of 6 x 4.</summary>
    private static RunLengths Mask()
    {
        var mask = new RunLengths();
        Assert.True(mask.TrySet([5, 2, 2, 2, 13], 4, 6));
        return mask;
    }

    private static async Task<string> WriteAsync(Func<HttpResponse, Task> write)
    {
        using var body = new MemoryStream();
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(body));
        await write(context.Response);
        await context.Response.CompleteAsync();
        return System.Text.Encoding.UTF8.GetString(body.ToArray());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
