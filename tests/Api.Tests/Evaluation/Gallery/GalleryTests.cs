using System.Net;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Evaluation.Gallery;

public class GalleryTests(ServeFixture serve)
{
    [Fact]
    public async Task A_report_has_the_confusion_matrix_the_kinds_of_errors_and_the_worst_images()
    {
        var report = (await serve.Client.WaitUntilOverAsync(await EvaluateAsync()))["report"]!;

        var errors = report["errors"]!;
        // Rows: light (1), dark (2), background. Image 2 is taken for dark; on images 3 and 4 nothing is found; on image 4 something is that is not there.
        Assert.Equal(
            [(0, 0, 7), (0, 1, 1), (0, 2, 2), (2, 0, 1)],
            errors["confusion"]!["cells"]!.AsArray().Select(cell => ((int)cell!["truth"]!, (int)cell["detected"]!, (int)cell["count"]!)));
        Assert.Equal(["Cls", "Loc", "Both", "Dupe", "Bkg", "Miss"], errors["breakdown"]!["errors"]!.AsArray().Select(kind => (string)kind!["error"]!));
        Assert.Equal([2, 4, 3], errors["worst"]!.AsArray().Select(image => (int)image!["imageId"]!));
        Assert.Empty(errors["images"]!.AsArray());
    }

    [Theory]
    [InlineData("", new[] { 2, 4, 3 })]
    [InlineData("kind=worst&category=light", new[] { 4, 2, 3 })]
    [InlineData("kind=missed", new[] { 3, 4 })]
    [InlineData("kind=missed&category=dark", new int[0])]
    [InlineData("kind=false", new[] { 4 })]
    [InlineData("kind=confused", new[] { 2 })]
    [InlineData("kind=confused&category=2", new[] { 2 })]
    [InlineData("kind=confused&category=light", new[] { 2 })]
    public async Task Images_are_chosen_by_kind_and_category(string query, int[] expected)
    {
        var address = await EvaluateAsync();
        await serve.Client.WaitUntilOverAsync(address);

        var gallery = await serve.Client.GetAsync($"{address}/gallery?{query}", Token).JsonAsync();

        Assert.Equal(expected, Ids(gallery));
        Assert.Equal((expected.Length, 0.5, 0.9), ((int)gallery["total"]!, (double)gallery["iouThreshold"]!, (double)gallery["scoreThreshold"]!));
    }

    [Theory]
    [InlineData(1, new[] { 1 })]
    [InlineData(4, new[] { 4 })]
    [InlineData(99, new int[0])]
    public async Task A_single_image_is_answered_whatever_is_wrong_with_it(int image, int[] expected)
    {
        var address = await EvaluateAsync();
        await serve.Client.WaitUntilOverAsync(address);

        var gallery = await serve.Client.GetAsync($"{address}/gallery?kind=confused&image={image}", Token).JsonAsync();

        Assert.Equal(expected, Ids(gallery));
        Assert.Equal(expected.Length, (int)gallery["total"]!);
    }

    [Fact]
    public async Task An_image_has_its_objects_and_detections_with_a_verdict_each_and_its_picture()
    {
        var address = await EvaluateAsync();
        await serve.Client.WaitUntilOverAsync(address);

        var page = await serve.Client.GetAsync($"{address}/gallery?offset=0&limit=2", Token).JsonAsync();
        var rest = await serve.Client.GetAsync($"{address}/gallery?offset=2&limit=2", Token).JsonAsync();

        Assert.Equal([2, 4], Ids(page));
        Assert.Equal([3], Ids(rest));
        var (confused, wrong) = (page["images"]![0]!, page["images"]![1]!);
        Assert.Equal(("1.png", 64, 48), ((string)confused["fileName"]!, (int)confused["width"]!, (int)confused["height"]!));
        Assert.Equal((0, 1, 1, 0.0), ((int)confused["truePositives"]!, (int)confused["falsePositives"]!, (int)confused["falseNegatives"]!, (double)confused["f1"]!));
        var (x, y, w, h) = TestPictures.Rectangle(1, 64, 48);
        var box = $$"""{"x1":{{x}},"y1":{{y}},"x2":{{x + w}},"y2":{{y + h}}}""";
        Assert.Equal(
            $$"""[{"id":2,"category":"light","categoryId":1,"box":{{box}},"isCrowd":false,"verdict":"confused","detectedAs":"dark"}]""", confused["groundTruth"]!.ToJsonString());
        Assert.Equal(
            $$"""[{"category":"dark","categoryId":2,"score":0.95,"box":{{box}},"verdict":"confused","truth":"light"}]""", confused["detections"]!.ToJsonString());
        Assert.Equal(("missed", null), ((string)wrong["groundTruth"]![0]!["verdict"]!, (string?)wrong["groundTruth"]![0]!["detectedAs"]));
        Assert.Equal(("false", null), ((string)wrong["detections"]![0]!["verdict"]!, (string?)wrong["detections"]![0]!["truth"]));
        using var picture = await serve.Client.GetAsync((string)confused["picture"]!, Token);
        Assert.Equal(TestPictures.Png(1, 64, 48), await picture.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task What_cannot_be_asked_is_refused_with_what_can()
    {
        var address = await EvaluateAsync();
        await serve.Client.WaitUntilOverAsync(address);

        var kind = await serve.Client.GetAsync($"{address}/gallery?kind=best", Token).ProblemAsync(HttpStatusCode.BadRequest);
        var category = await serve.Client.GetAsync($"{address}/gallery?category=cat", Token).ProblemAsync(HttpStatusCode.BadRequest);
        var limit = await serve.Client.GetAsync($"{address}/gallery?limit=101", Token).ProblemAsync(HttpStatusCode.BadRequest);
        var offset = await serve.Client.GetAsync($"{address}/gallery?offset=-1", Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal("Parameter \"kind\": there is no \"best\"; there are worst, missed, false and confused.", kind.Detail());
        Assert.Equal("Parameter \"category\": tiny/test has no \"cat\"; it has light, dark.", category.Detail());
        Assert.Equal("Parameter \"limit\": 101 is not between 1 and 100.", limit.Detail());
        Assert.Equal("Parameter \"offset\": -1 is below 0.", offset.Detail());
        await serve.Client.GetAsync("/v1/evaluations/none/gallery", Token).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_dataset_that_was_changed_since_has_no_images_to_look_at()
    {
        using var folder = TestFiles.NewFolder();
        Directory.CreateDirectory(folder.File("models"));
        TestDataset.Write(folder.File("data/tiny"), images: 4);
        await using var server = await ServeApplication.StartAsync(folder.Path);
        var detections = new[] { new { image_id = 1, category_id = 1, bbox = new[] { 1, 1, 5, 5 }, score = 0.5 } };
        var address = await server.Client.EvaluateAsync(new { dataset = "tiny", detections });
        await server.Client.WaitUntilOverAsync(address);

        TestDataset.Write(folder.File("data/tiny"), images: 3);
        var problem = await server.Client.GetAsync($"{address}/gallery", Token).ProblemAsync(HttpStatusCode.Conflict);

        Assert.StartsWith("There are no images to look at any more: The annotations of tiny/test changed since", problem.Detail());
    }

    /// <summary>All right but image 2, which is taken for the other category, image 3, on which nothing is detected, and image 4, where it is beside.</summary>
    private Task<Uri> EvaluateAsync()
    {
        var detections = Enumerable.Range(0, 10).Where(i => i != 2).Select(i =>
        {
            var (x, y, w, h) = TestPictures.Rectangle(i, 64, 48);
            return new { image_id = i + 1, category_id = i == 1 ? 2 : 1, bbox = i == 3 ? [0, 0, 2, 2] : new[] { x, y, w, h }, score = i is 1 or 3 ? 0.95 : 0.9 };
        });
        return serve.Client.EvaluateAsync(new { dataset = "tiny", detections });
    }

    private static IEnumerable<int> Ids(JsonNode gallery) => gallery["images"]!.AsArray().Select(image => (int)image!["id"]!);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
