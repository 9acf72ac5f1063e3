using System.Net;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Detection;

public class SharedPictureTests(ServeFixture serve)
{
    [Fact]
    public async Task Every_broken_picture_is_refused_with_a_cause_or_answered_and_the_server_goes_on()
    {
        var folder = TestFiles.Shared("images/broken");
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            using var response = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw(await File.ReadAllBytesAsync(file, Token)), Token);

            if (response.StatusCode != HttpStatusCode.OK)
            {
                Assert.Contains(response.StatusCode, ClientFaults);
                await Task.FromResult(response).ProblemAsync(response.StatusCode);
            }
        }
        await serve.Client.GetAsync("/health/ready", Token).JsonAsync();
    }

    [Theory]
    [InlineData("empty.jpg", HttpStatusCode.BadRequest)]
    [InlineData("text.jpg", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("truncated-half.jpg", HttpStatusCode.UnprocessableEntity)]
    [InlineData("claims-60000x60000.png", HttpStatusCode.RequestEntityTooLarge)]
    [InlineData("trailing-garbage.jpg", HttpStatusCode.OK)]
    public async Task A_broken_picture_has_the_status_of_its_fault(string name, HttpStatusCode expected)
    {
        var file = TestFiles.Shared($"images/broken/{name}");

        using var response = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw(await File.ReadAllBytesAsync(file, Token)), Token);

        Assert.Equal(expected, response.StatusCode);
    }

    [Theory]
    [InlineData("dog-progressive.jpg")]
    [InlineData("dog.png")]
    [InlineData("dog.webp")]
    [InlineData("dog-16bit.png")]
    public async Task The_same_picture_in_another_format_has_the_same_detections(string name)
    {
        var original = await DetectAsync(TestFiles.Shared("images/photos/dog.jpg"));

        var other = await DetectAsync(TestFiles.Shared($"images/formats/{name}"));

        // A JPEG much larger than the model's input is shrunk while it is decoded, which moves scores by less than a thousandth.
        Assert.Equal(original.Select(found => (string)found["category"]!), other.Select(found => (string)found["category"]!));
        Assert.Equal(original.Select(found => found["box"]!.ToJsonString()), other.Select(found => found["box"]!.ToJsonString()));
        Assert.All(original.Zip(other), pair => Assert.Equal((double)pair.First["score"]!, (double)pair.Second["score"]!, 0.001));
    }

    [Theory]
    [InlineData("dog-exif2.jpg", 768, 576)]
    [InlineData("dog-exif6.jpg", 768, 576)]
    [InlineData("Landscape_6.jpg", 1800, 1200)]
    [InlineData("Portrait_8.jpg", 1200, 1800)]
    public async Task A_picture_is_answered_as_a_person_sees_it(string name, int width, int height)
    {
        var bytes = await File.ReadAllBytesAsync(TestFiles.Shared($"images/formats/{name}"), Token);

        var answer = await serve.Client.PostAsync("/v1/detect", DetectTests.Raw(bytes), Token).JsonAsync();

        Assert.Equal((width, height), ((int)answer["images"]![0]!["width"]!, (int)answer["images"]![0]!["height"]!));
    }

    private static readonly HttpStatusCode[] ClientFaults =
        [HttpStatusCode.BadRequest, HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnprocessableEntity];

    private async Task<IReadOnlyList<JsonNode>> DetectAsync(string path)
    {
        var answer = await serve.Client.PostAsync("/v1/detect?score=0", DetectTests.Raw(await File.ReadAllBytesAsync(path, Token)), Token).JsonAsync();
        return [.. DetectTests.Found(answer).AsArray().Select(found => found!)];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
