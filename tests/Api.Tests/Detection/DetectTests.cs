using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;
using Serve.Inference.Pictures;

namespace Serve.Api.Tests.Detection;

public class DetectTests(ServeFixture serve)
{
    [Fact]
    public async Task Detect_answers_a_raw_body_in_the_shape_of_the_contract()
    {
        var answer = await serve.Client.PostAsync("/v1/detect?score=0", Raw(TestPictures.Png()), Token).JsonAsync();

        Assert.Equal(["model", "version", "device", "images", "timings"], Keys(answer));
        Assert.Equal("shapes", (string)answer["model"]!);
        Assert.Equal(2, (int)answer["version"]!);
        var image = Assert.Single(answer["images"]!.AsArray())!;
        Assert.Equal(["fileName", "width", "height", "detections"], Keys(image));
        Assert.Null(image["fileName"]);
        Assert.Equal((64, 48), ((int)image["width"]!, (int)image["height"]!));
        var detection = image["detections"]![0]!;
        Assert.Equal(["category", "categoryId", "score", "box"], Keys(detection));
        Assert.Equal(["x1", "y1", "x2", "y2"], Keys(detection["box"]!));
        Assert.Equal(["decode", "queue", "preprocess", "infer", "postprocess", "total"], Keys(answer["timings"]!));
    }

    [Fact]
    public async Task Detect_finds_the_same_in_raw_form_and_json_bodies()
    {
        var png = TestPictures.Png(3);

        var raw = await serve.Client.PostAsync("/v1/detect?score=0", Raw(png), Token).JsonAsync();
        var form = await serve.Client.PostAsync("/v1/detect?score=0", Form(("any-name", "a.png", png)), Token).JsonAsync();
        var json = await serve.Client.PostAsJsonAsync("/v1/detect?score=0", Json(("a.png", Convert.ToBase64String(png))), Token).JsonAsync();
        var url = await serve.Client.PostAsJsonAsync("/v1/detect?score=0", Json((null, "data:image/png;base64," + Convert.ToBase64String(png))), Token).JsonAsync();

        Assert.NotEmpty(Found(raw).AsArray());
        Assert.Equal(Found(raw).ToJsonString(), Found(form).ToJsonString());
        Assert.Equal(Found(raw).ToJsonString(), Found(json).ToJsonString());
        Assert.Equal(Found(raw).ToJsonString(), Found(url).ToJsonString());
        Assert.Equal("a.png", (string)form["images"]![0]!["fileName"]!);
        Assert.Equal("a.png", (string)json["images"]![0]!["fileName"]!);
    }

    [Fact]
    public async Task Detect_answers_several_files_in_their_order()
    {
        var alone = await serve.Client.PostAsync("/v1/detect?score=0", Raw(TestPictures.Jpeg(2, 100, 80)), Token).JsonAsync();

        var answer = await serve.Client.PostAsync(
            "/v1/detect?score=0",
            Form(("x", "a.png", TestPictures.Png(1)), ("x", "b.jpg", TestPictures.Jpeg(2, 100, 80)), ("y", "c.png", TestPictures.Png(3, 30, 20))), Token).JsonAsync();

        Assert.Equal(["a.png", "b.jpg", "c.png"], answer["images"]!.AsArray().Select(image => (string)image!["fileName"]!));
        Assert.Equal([64, 100, 30], answer["images"]!.AsArray().Select(image => (int)image!["width"]!));
        Assert.Equal(Found(alone).ToJsonString(), Found(answer, 1).ToJsonString());
    }

    [Fact]
    public async Task Detect_keeps_to_score_and_max_and_sorts_by_falling_score()
    {
        var all = await serve.Client.PostAsync("/v1/detect?score=0&max=1000", Raw(TestPictures.Png(1)), Token).JsonAsync();
        var scores = Found(all).AsArray().Select(found => (double)found!["score"]!).ToArray();
        Assert.True(scores.Length >= 2, "the test model finds several things");
        Assert.Equal(scores.OrderDescending(), scores);

        var some = await serve.Client.PostAsync(FormattableString.Invariant($"/v1/detect?score={scores[1]:R}"), Raw(TestPictures.Png(1)), Token).JsonAsync();
        var one = await serve.Client.PostAsync("/v1/detect?score=0&max=1", Raw(TestPictures.Png(1)), Token).JsonAsync();

        Assert.All(Found(some).AsArray(), found => Assert.True((double)found!["score"]! >= scores[1]));
        Assert.InRange(Found(some).AsArray().Count, 1, scores.Length);
        Assert.Single(Found(one).AsArray());
    }

    [Fact]
    public async Task Detect_runs_the_model_and_version_that_is_named()
    {
        var answer = await serve.Client.PostAsync("/v1/detect?model=shapes&version=1", Raw(TestPictures.Png()), Token).JsonAsync();

        Assert.Equal(("shapes", 1), ((string)answer["model"]!, (int)answer["version"]!));
    }

    [Theory]
    [InlineData("image/png")]
    [InlineData("image/jpeg")]
    [InlineData("image/webp")]
    [InlineData("image/*", "image/png")]
    [InlineData("application/json;q=0.5, image/jpeg", "image/jpeg")]
    public async Task Detect_draws_when_a_picture_is_accepted(string accept, string? expected = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/detect?score=0") { Content = Raw(TestPictures.Png(2)) };
        request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await serve.Client.SendAsync(request, Token);

        var bytes = await response.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected ?? accept, response.Content.Headers.ContentType?.MediaType);
        var drawn = PictureDecoder.Decode(bytes, new PictureLimits());
        Assert.Equal((64, 48), (drawn.Width, drawn.Height));
        Assert.NotEqual(PictureDecoder.Decode(TestPictures.Png(2), new PictureLimits()).Pixels, drawn.Pixels);
    }

    internal static ByteArrayContent Raw(byte[] bytes, string type = "application/octet-stream")
        => new(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    internal static MultipartFormDataContent Form(params (string Field, string FileName, byte[] Bytes)[] files)
    {
        var form = new MultipartFormDataContent();
        foreach (var (field, fileName, bytes) in files)
            form.Add(new ByteArrayContent(bytes), field, fileName);
        return form;
    }

    internal static JsonNode Found(JsonNode answer, int image = 0) => answer["images"]![image]!["detections"]!;

    private static object Json(params (string? FileName, string Base64)[] images)
        => new { images = images.Select(image => new { fileName = image.FileName, base64 = image.Base64 }) };

    private static IEnumerable<string> Keys(JsonNode node) => node.AsObject().Select(member => member.Key);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
