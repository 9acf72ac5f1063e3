using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Serve.Api.Tests.Support;
using Serve.Inference.Pictures;

namespace Serve.Api.Tests.Detection;

public class DetectAnswerTests(ServeFixture serve)
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("image/png")]
    public async Task Every_answer_says_who_gave_it_and_where_the_time_went(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/detect?model=shapes&version=1") { Content = DetectTests.Raw(TestPictures.Png()), Headers = { Accept = { new MediaTypeWithQualityHeaderValue(accept) } } };

        using var response = await serve.Client.SendAsync(request, Token);

        Assert.Equal(("shapes", "1", "cpu"), (Header(response, "Serve-Model"), Header(response, "Serve-Model-Version"), Header(response, "Serve-Device")));
        var stages = Header(response, "Server-Timing").Split(", ").Select(stage => stage.Split(";dur=")).ToList();
        Assert.Equal(["decode", "queue", "preprocess", "infer", "postprocess", "total"], stages.Select(stage => stage[0]));
        Assert.All(stages, stage => Assert.True(double.Parse(stage[1], CultureInfo.InvariantCulture) >= 0));
    }

    [Fact]
    public async Task Coco_answers_hold_what_the_other_form_holds()
    {
        var form = (string name) => DetectTests.Form(("a", name, TestPictures.Png(1)), ("b", "000000000007.png", TestPictures.Png(2)));
        var json = await serve.Client.PostAsync("/v1/detect?score=0", form("000000000042.png"), Token).JsonAsync();

        var coco = await serve.Client.PostAsync("/v1/detect?score=0&format=coco", form("000000000042.png"), Token).JsonAsync();

        var expected = Enumerable.Range(0, 2).SelectMany(image => DetectTests.Found(json, image).AsArray().Select(found => (Id: image == 0 ? 42 : 7, Found: found!)));
        Assert.Equal(
            expected.Select(one => (one.Id, (int)one.Found["categoryId"]!, (float)one.Found["score"]!, (double)one.Found["box"]!["x2"]! - (double)one.Found["box"]!["x1"]!)),
            coco.AsArray().Select(one => ((int)one!["image_id"]!, (int)one["category_id"]!, (float)one["score"]!, (double)one["bbox"]![2]!)));
    }

    [Theory]
    [InlineData("classes=dark")]
    [InlineData("classes=dark,dark")]
    [InlineData("classes=dark&classes=dark")]
    public async Task Classes_leave_out_the_others_before_max_counts(string classes)
    {
        // Lightest in the third column of cells, which is "light", and lighter in the fourth, "dark", than elsewhere.
        var pixels = Enumerable.Range(0, 64 * 48 * 3).Select(i => (byte)(i / 3 % 64 / 16 is var cell && i / 192 < 16 ? (cell == 2 ? 200 : cell == 3 ? 150 : 20) : 10)).ToArray();
        var picture = PictureEncoder.Encode(new Picture(64, 48, pixels), "image/png");
        var all = await serve.Client.PostAsync("/v1/detect?score=0&max=1000", DetectTests.Raw(picture), Token).JsonAsync();
        Assert.Equal("light", (string)DetectTests.Found(all)[0]!["category"]!);
        var expected = DetectTests.Found(all).AsArray().First(found => (string)found!["category"]! == "dark")!;

        var some = await serve.Client.PostAsync($"/v1/detect?score=0&max=1&{classes}", DetectTests.Raw(picture), Token).JsonAsync();

        Assert.Equal(expected.ToJsonString(), Assert.Single(DetectTests.Found(some).AsArray())!.ToJsonString());
    }

    [Fact]
    public async Task A_partial_answer_tells_each_picture_its_own_fault()
    {
        var png = TestPictures.Png(1);
        var alone = await serve.Client.PostAsync("/v1/detect?score=0", DetectTests.Raw(png), Token).JsonAsync();

        var answer = await serve.Client.PostAsync(
            "/v1/detect?score=0&partial=true", DetectTests.Form(("a", "bad.png", png[..60]), ("b", "good.png", png), ("c", "empty.png", [])), Token).JsonAsync();

        var images = answer["images"]!.AsArray();
        Assert.Equal(422, (int)images[0]!["error"]!["status"]!);
        Assert.StartsWith("images[0] (bad.png): ", (string)images[0]!["error"]!["detail"]!);
        Assert.Equal((400, "images[2]: the file is empty."), ((int)images[2]!["error"]!["status"]!, (string)images[2]!["error"]!["detail"]!));
        Assert.Null(images[1]!["error"]);
        Assert.Equal(DetectTests.Found(alone).ToJsonString(), DetectTests.Found(answer, 1).ToJsonString());
        Assert.Empty(DetectTests.Found(answer, 0).AsArray());
    }

    [Fact]
    public async Task A_partial_answer_to_json_and_to_large_files_too()
    {
        var json = await serve.Client.PostAsJsonAsync(
            "/v1/detect?partial=true", new { images = new object[] { new { base64 = "%%%" }, new { base64 = Convert.ToBase64String(TestPictures.Png()) }, new { url = "http://example.org/a.png" } } }, Token).JsonAsync();
        var large = await serve.Client.PostAsync(
            "/v1/detect?partial=true", DetectTests.Form(("a", "large.png", new byte[2_000_001]), ("b", "good.png", TestPictures.Png())), Token).JsonAsync();

        Assert.Equal([400, null, 400], json["images"]!.AsArray().Select(image => (int?)image!["error"]?["status"]));
        Assert.Equal([413, null], large["images"]!.AsArray().Select(image => (int?)image!["error"]?["status"]));
    }

    [Fact]
    public async Task Json_is_read_with_escapes_any_case_and_members_that_are_not_known()
    {
        var base64 = Convert.ToBase64String(TestPictures.Png(3));
        var raw = await serve.Client.PostAsync("/v1/detect?score=0", DetectTests.Raw(TestPictures.Png(3)), Token).JsonAsync();
        var escaped = base64.Replace("/", "\\/", StringComparison.Ordinal).Replace("A", "\\u0041", StringComparison.Ordinal);

        var answer = await serve.Client.PostAsync(
            "/v1/detect?score=0", DetectTests.Raw(System.Text.Encoding.UTF8.GetBytes($$"""{"other":[{"images":[1]}],"Images":[{"more":{"base64":1},"Base64":"{{escaped}}","FileName":"a\u002e.png"},{"base64":"{{base64}}"}]}"""), "application/json"), Token).JsonAsync();

        Assert.Equal(["a..png", null], answer["images"]!.AsArray().Select(image => (string?)image!["fileName"]));
        Assert.Equal([DetectTests.Found(raw).ToJsonString(), DetectTests.Found(raw).ToJsonString()], [DetectTests.Found(answer).ToJsonString(), DetectTests.Found(answer, 1).ToJsonString()]);
    }

    [Theory]
    [InlineData("iou=1.5", "Parameter \"iou\": 1.5 is not between 0 and 1.")]
    [InlineData("timeout=0", "Parameter \"timeout\": 0 is not between 1 and 600000 milliseconds.")]
    [InlineData("priority=-1", "Parameter \"priority\": -1 is not between 0 (the model's own) and 100 (the lowest; 1 is the highest).")]
    [InlineData("masks=png", "Parameter \"masks\": \"png\" is not rle, polygons or none.")]
    [InlineData("format=xml", "Parameter \"format\": \"xml\" is not json or coco.")]
    [InlineData("partial=maybe", "Parameter \"partial\": \"maybe\" is not true or false.")]
    [InlineData("format=coco&partial=true", "Parameter \"partial\": true is not possible with format=coco, which has no place for faults.")]
    [InlineData("classes=cat", "Parameter \"classes\": the model has no category \"cat\". It has light, dark.")]
    public async Task A_wrong_parameter_is_400_with_what_is_allowed(string query, string detail)
    {
        var problem = await serve.Client.PostAsync($"/v1/detect?{query}", DetectTests.Raw(TestPictures.Png()), Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal(detail, problem.Detail());
    }

    [Fact]
    public async Task Requests_that_share_memory_do_not_see_each_others_pictures()
    {
        var expected = new List<string>();
        for (var seed = 0; seed < 8; seed++)
            expected.Add(await FoundAsync(seed));

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => FoundAsync(i % 8)));

        Assert.Equal(Enumerable.Range(0, 400).Select(i => expected[i % 8]), answers);

        async Task<string> FoundAsync(int seed)
        {
            var png = TestPictures.Png(seed * 3);
            var content = (seed % 3) switch
            {
                0 => (HttpContent)DetectTests.Raw(png),
                1 => DetectTests.Form(("a", "a.png", png)),
                _ => JsonContent.Create(new { images = new[] { new { base64 = Convert.ToBase64String(png) } } }),
            };
            var answer = await serve.Client.PostAsync("/v1/detect?score=0", content, Token).JsonAsync();
            return DetectTests.Found(answer).ToJsonString();
        }
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
