using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Serve.Api.OpenInference;
using Serve.Api.Tests.Support;
using Serve.Inference.Pictures;

namespace Serve.Api.Tests.OpenInference;

/// <summary>Pictures in, detections out.</summary>
public class DecodedViewTests(ServeFixture serve)
{
    [Fact]
    public async Task Pictures_of_different_size_come_back_as_detect_finds_them()
    {
        byte[][] pictures = [TestPictures.Png(1), TestPictures.Jpeg(2, 100, 80), TestPictures.Png(3, 33, 71)];

        var answer = await serve.Client.InferPicturesAsync("shapes", pictures, """{"binary_data_output":true}""").OutputsAsync();

        var counts = answer.Values<int>("num_detections");
        var (boxes, scores, classes) = (answer.Values<float>("boxes"), answer.Values<float>("scores"), answer.Values<long>("class_ids"));
        var rows = counts.Max();
        Assert.Equal([3], answer.Shape("num_detections"));
        Assert.Equal([3, rows, 4], answer.Shape("boxes"));
        Assert.Equal([3, rows], answer.Shape("scores"));
        for (var i = 0; i < pictures.Length; i++)
        {
            var found = (await DetectAsync(pictures[i]))["images"]![0]!["detections"]!.AsArray();
            Assert.Equal(found.Count, counts[i]);
            for (var j = 0; j < rows; j++)
            {
                var box = boxes.AsSpan(((i * rows) + j) * 4, 4).ToArray();
                Assert.Equal(j < found.Count ? [(float)found[j]!["box"]!["x1"]!, (float)found[j]!["box"]!["y1"]!, (float)found[j]!["box"]!["x2"]!, (float)found[j]!["box"]!["y2"]!] : [0, 0, 0, 0], box);
                Assert.Equal(j < found.Count ? (float)found[j]!["score"]! : 0, scores[(i * rows) + j], 1e-6);
                Assert.Equal(j < found.Count ? (long)found[j]!["categoryId"]! : -1, classes[(i * rows) + j]);
            }
        }
    }

    [Fact]
    public async Task A_picture_as_the_body_is_a_raw_request()
    {
        using var content = new ByteArrayContent(TestPictures.Jpeg(5));
        content.Headers.ContentType = new MediaTypeHeaderValue("image/jpeg");
        content.Headers.Add(InferenceRequestReader.LengthHeader, "0");

        var raw = await serve.Client.PostAsync("/v2/models/shapes/infer", content, Token).OutputsAsync();

        var same = await serve.Client.InferPicturesAsync("shapes", [TestPictures.Jpeg(5)]).OutputsAsync();
        Assert.Equal(same.Values<float>("boxes"), raw.Values<float>("boxes"));
        Assert.All(raw.Json["outputs"]!.AsArray(), output => Assert.NotNull(output!["parameters"]!["binary_data_size"]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("data:image/png;base64,")]
    public async Task A_picture_in_json_is_base64(string before)
    {
        var json = $$"""{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["{{before}}{{Convert.ToBase64String(TestPictures.Png(4))}}"]}]}""";

        var answer = await serve.Client.InferAsync("shapes", json).OutputsAsync();

        var same = await serve.Client.InferPicturesAsync("shapes", [TestPictures.Png(4)]).OutputsAsync();
        Assert.Equal(same.Values<float>("scores"), answer.Values<float>("scores"));
    }

    [Fact]
    public async Task Pixels_give_what_the_file_gives()
    {
        var picture = PictureDecoder.Decode(TestPictures.Png(6), new PictureLimits());
        byte[] pixels = [.. picture.Pixels, .. picture.Pixels];
        var json = $$$"""{"inputs":[{"name":"image","shape":[2,48,64,3],"datatype":"UINT8","parameters":{"binary_data_size":{{{pixels.Length}}}}}]}""";

        var answer = await serve.Client.InferAsync("shapes", json, pixels).OutputsAsync();

        var same = await serve.Client.InferPicturesAsync("shapes", [TestPictures.Png(6), TestPictures.Png(6)]).OutputsAsync();
        Assert.Equal(same.Values<float>("boxes"), answer.Values<float>("boxes"));
        Assert.Equal(same.Values<long>("class_ids"), answer.Values<long>("class_ids"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_detections_are_an_answer_without_rows(bool binary)
    {
        using var response = await serve.Client.InferPicturesAsync("shapes", [TestPictures.Png()], $$"""{"confidence":1,"binary_data_output":{{(binary ? "true" : "false")}}}""");
        var answer = await Task.FromResult(response).OutputsAsync();

        Assert.Equal([1, 0, 4], answer.Shape("boxes"));
        Assert.Empty(answer.Values<float>("boxes"));
        Assert.Equal([0], answer.Values<int>("num_detections"));
        Assert.Equal(binary ? "application/octet-stream" : "application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(binary, response.JsonLength() is not null);
    }

    [Fact]
    public async Task The_request_says_how_many_detections()
    {
        var answer = await serve.Client.InferPicturesAsync("shapes", [TestPictures.Png()], """{"max_detections":1,"confidence":0}""").OutputsAsync();

        Assert.Equal([1], answer.Values<int>("num_detections"));
        Assert.Equal([1, 1, 4], answer.Shape("boxes"));
    }

    [Fact]
    public async Task The_version_asked_for_answers_and_the_highest_without_one()
    {
        var first = await serve.Client.InferPicturesAsync("shapes/versions/1", [TestPictures.Png()]).OutputsAsync();
        var highest = await serve.Client.InferPicturesAsync("shapes", [TestPictures.Png()]).OutputsAsync();

        Assert.Equal(("shapes", "1"), ((string)first.Json["model_name"]!, (string)first.Json["model_version"]!));
        Assert.Equal(("shapes", "2"), ((string)highest.Json["model_name"]!, (string)highest.Json["model_version"]!));
    }

    [Fact]
    public async Task A_damaged_picture_is_400_and_named()
    {
        var error = await serve.Client.InferPicturesAsync("shapes", [TestPictures.Png(), TestPictures.Jpeg()[..200]]).ErrorAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith("input 'image': images[1]: ", error);
    }

    [Fact]
    public async Task What_is_no_picture_is_400()
        => Assert.StartsWith("input 'image': ", await serve.Client.InferPicturesAsync("shapes", ["not a picture"u8.ToArray()]).ErrorAsync(HttpStatusCode.BadRequest));

    [Fact]
    public async Task Too_many_pictures_and_none_are_400()
    {
        var many = await serve.Client.InferPicturesAsync("shapes", [.. Enumerable.Repeat(TestPictures.Png(), 4)]).ErrorAsync(HttpStatusCode.BadRequest);
        var none = await serve.Client.InferPicturesAsync("shapes", []).ErrorAsync(HttpStatusCode.BadRequest);
        var empty = await serve.Client.InferPicturesAsync("shapes", [[]]).ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal("input 'image': 4 pictures; a request has 1 to 3.", many);
        Assert.Equal("input 'image': 0 pictures; a request has 1 to 3.", none);
        Assert.Equal("input 'image': element 0 is empty; expected a picture file.", empty);
    }

    [Fact]
    public async Task A_picture_above_the_limit_is_413()
        => await serve.Client.InferPicturesAsync("shapes", [new byte[2_000_001]]).ErrorAsync(HttpStatusCode.RequestEntityTooLarge);

    [Fact]
    public async Task Text_that_is_not_base64_is_400()
    {
        var error = await serve.Client.InferAsync("shapes", """{"inputs":[{"name":"image","shape":[1],"datatype":"BYTES","data":["***"]}]}""").ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal("input 'image': element 0 is not base64, which is how a picture file goes into JSON; or send it as binary data.", error);
    }

    [Theory]
    [InlineData("[1,0,64,3]")]
    [InlineData("[1,1,20000,3]")]
    public async Task Pixels_of_an_impossible_size_are_400(string shape)
    {
        var bytes = shape.Contains("20000", StringComparison.Ordinal) ? 60_000 : 0;

        var error = await serve.Client.InferAsync(
            "shapes", $$$"""{"inputs":[{"name":"image","shape":{{{shape}}},"datatype":"UINT8","parameters":{"binary_data_size":{{{bytes}}}}}]}""", new byte[bytes]).ErrorAsync(HttpStatusCode.BadRequest);

        Assert.StartsWith("input 'image': pictures of ", error);
    }

    private async Task<JsonNode> DetectAsync(byte[] picture)
    {
        using var content = new ByteArrayContent(picture);
        return await serve.Client.PostAsync("/v1/detect?model=shapes", content, Token).JsonAsync();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
