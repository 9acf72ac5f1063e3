using System.Net;
using System.Net.Http.Headers;
using Serve.Api.Tests.Support;
using Serve.Inference.Pictures;

namespace Serve.Api.Tests.Datasets.Pictures;

public sealed class DatasetImageTests : OwnServer
{
    private const int Width = 64;
    private const int Height = 48;

    private protected override Task<ServeApplication> StartAsync()
    {
        Directory.CreateDirectory(Folder.File("models"));
        TestDataset.Write(Folder.File("data/masked"), images: 10, masks: true);
        return ServeApplication.StartAsync(Folder.Path);
    }

    [Fact]
    public async Task Images_are_listed_in_pages_with_their_annotations()
    {
        var page = await Client.GetAsync("/v1/datasets/masked/images?offset=3&limit=2", Token).JsonAsync();
        var masks = await Client.GetAsync("/v1/datasets/masked/images?split=val&masks=true&limit=1", Token).JsonAsync();

        Assert.Equal(("masked", 1, "test"), ((string)page["name"]!, (int)page["version"]!, (string)page["split"]!));
        Assert.Equal((10, 3, 2), ((int)page["total"]!, (int)page["offset"]!, (int)page["limit"]!));
        Assert.Equal([4, 5], page["images"]!.AsArray().Select(image => (int)image!["id"]!));
        var image = page["images"]![0]!;
        Assert.Equal(("3.png", Width, Height), ((string)image["fileName"]!, (int)image["width"]!, (int)image["height"]!));
        var (x, y, w, h) = TestPictures.Rectangle(3, Width, Height);
        Assert.Equal(
            $$"""[{"id":4,"category":"light","categoryId":1,"box":{"x1":{{x}},"y1":{{y}},"x2":{{x + w}},"y2":{{y + h}}},"isCrowd":false}]""", image["annotations"]!.ToJsonString());
        Assert.Empty(page["withheld"]!.AsArray());
        Assert.Equal(5, (int)masks["total"]!);
        (x, y, w, h) = TestPictures.Rectangle(0, Width, Height);
        Assert.Equal($"[[{x},{y},{x + w},{y},{x + w},{y + h},{x},{y + h}]]", masks["images"]![0]!["annotations"]![0]!["mask"]!.ToJsonString());
    }

    [Fact]
    public async Task A_picture_is_the_file_itself_and_is_not_sent_again()
    {
        var address = (string)(await Client.GetAsync("/v1/datasets/masked/images", Token).JsonAsync())["images"]![2]!["picture"]!;

        using var response = await Client.GetAsync(address, Token);
        using var again = await AskAgainAsync(address, response.Headers.ETag!);

        Assert.Equal("/v1/datasets/masked/images/3?split=test&version=1", address);
        Assert.Equal(await File.ReadAllBytesAsync(Folder.File("data/masked/images/2.png"), Token), await response.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("image/png", response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl!.Private);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task A_picture_is_scaled_down_but_never_up()
    {
        using var small = await Client.GetAsync("/v1/datasets/masked/images/3?width=32", Token);
        using var same = await Client.GetAsync("/v1/datasets/masked/images/3?width=64", Token);
        using var again = await AskAgainAsync("/v1/datasets/masked/images/3?width=32", small.Headers.ETag!);

        Assert.Equal("image/jpeg", small.Content.Headers.ContentType!.MediaType);
        Assert.Equal((32, 24), PictureHeader.ReadSize(await small.Content.ReadAsByteArrayAsync(Token)));
        Assert.Equal("image/png", same.Content.Headers.ContentType!.MediaType);
        Assert.NotEqual(small.Headers.ETag, same.Headers.ETag);
        Assert.Equal((HttpStatusCode.NotModified, 0), (again.StatusCode, (await again.Content.ReadAsByteArrayAsync(Token)).Length));
    }

    [Fact]
    public async Task What_there_is_not_is_404_with_its_cause()
    {
        Directory.Move(Folder.File("data/masked/images"), Folder.File("data/masked/elsewhere"));
        var none = await NotFoundAsync("masked/images/1");
        var list = await Client.GetAsync("/v1/datasets/masked/images?limit=1", Token).JsonAsync();
        Directory.Move(Folder.File("data/masked/elsewhere"), Folder.File("data/masked/images"));
        File.Delete(Folder.File("data/masked/images/0.png"));
        await File.WriteAllTextAsync(Folder.File("data/masked/images/1.png"), "<html></html>", Token);

        Assert.Equal("Dataset \"masked\" has no pictures: it takes detections that were made elsewhere.", none);
        Assert.Null(list["images"]![0]!["picture"]);
        Assert.Equal("The picture of image 1 (\"0.png\") of dataset \"masked\" is missing.", await NotFoundAsync("masked/images/1"));
        Assert.StartsWith("The file \"1.png\" of image 2 of dataset \"masked\" is no picture that can be shown: The content is SVG or other XML", await NotFoundAsync("masked/images/2?width=9"));
        Assert.Equal("Split \"val\" of dataset \"masked\" has no image 9 (5 images).", await NotFoundAsync("masked/images/9?split=val"));
        Assert.Equal("Dataset \"masked\" has no split \"dev\". Splits: test, val.", await NotFoundAsync("masked/images?split=dev"));
        Assert.Equal("Dataset \"masked\" has no version 7. Versions: 1.", await NotFoundAsync("masked/images?version=7"));
        Assert.Equal("There is no dataset \"none\". Datasets: masked.", await NotFoundAsync("none/images/1"));
    }

    [Fact]
    public async Task Values_out_of_their_range_are_400()
    {
        foreach (var path in (string[])["images?limit=0", "images?limit=501", "images?offset=-1", "images/1?width=0", "images/1?width=4097", "images/first"])
            await Client.GetAsync($"/v1/datasets/masked/{path}", Token).ProblemAsync(HttpStatusCode.BadRequest);
    }

    private async Task<string> NotFoundAsync(string path) => (await Client.GetAsync($"/v1/datasets/{path}", Token).ProblemAsync(HttpStatusCode.NotFound)).Detail();

    private async Task<HttpResponseMessage> AskAgainAsync(string address, EntityTagHeaderValue tag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.IfNoneMatch.Add(tag);
        return await Client.SendAsync(request, Token);
    }
}
