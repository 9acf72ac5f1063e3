using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Detection;

/// <summary>The models that the repository brings, served as <c>./serve</c> does.</summary>
public sealed class BundledModelTests : OwnServer
{
    private protected override Task<ServeApplication> StartAsync()
    {
        var models = Path.Combine(TestFiles.Root, "models");
        if (Directory.Exists(models))
            Directory.CreateSymbolicLink(Folder.File("models"), models);
        return ServeApplication.StartAsync(Folder.Path);
    }

    [Fact]
    public async Task Every_bundled_model_can_be_served_and_answers()
    {
        var list = await ModelsAsync();

        Assert.Empty(list["faults"]!.AsArray());
        foreach (var model in list["models"]!.AsArray())
        {
            var answer = await Client.PostAsync($"/v1/detect?model={model!["name"]}&version={model["version"]}", DetectTests.Raw(TestPictures.Png(1, 200, 150)), Token).JsonAsync();
            Assert.Equal((string)model["name"]!, (string)answer["model"]!);
        }
    }

    [Theory]
    [InlineData("dog-progressive.jpg")]
    [InlineData("dog.png")]
    [InlineData("dog.webp")]
    [InlineData("dog-16bit.png")]
    public async Task A_bundled_model_finds_the_same_on_the_same_picture_in_another_format(string name)
    {
        var original = TestFiles.Shared("images/photos/dog.jpg");
        var other = TestFiles.Shared($"images/formats/{name}");
        foreach (var model in (await ModelsAsync())["models"]!.AsArray())
            Assert.Equal(await DetectAsync(model!, original), await DetectAsync(model!, other));
    }

    [Fact]
    public async Task The_blood_cell_model_finds_cells_on_a_picture_of_its_test_split()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(TestFiles.Root, "models/blood-cells")), "The model is not in models/.");
        var picture = Directory.EnumerateFiles(TestFiles.Shared("data/bccd/images"), "*.jpg", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();

        var answer = await Client.PostAsync("/v1/detect?model=blood-cells&score=0.5", DetectTests.Raw(await File.ReadAllBytesAsync(picture, Token)), Token).JsonAsync();

        Assert.Contains("RBC", DetectTests.Found(answer).AsArray().Select(found => (string)found!["category"]!));
    }

    private async Task<JsonNode> ModelsAsync()
    {
        var list = await Client.GetAsync("/v1/models", Token).JsonAsync();
        Assert.SkipUnless(list["models"]!.AsArray().Count > 0, "models/ holds no model yet.");
        return list;
    }

    private async Task<string> DetectAsync(JsonNode model, string path)
    {
        var address = $"/v1/detect?score=0&max=20&model={model["name"]}&version={model["version"]}";
        var answer = await Client.PostAsync(address, DetectTests.Raw(await File.ReadAllBytesAsync(path, Token)), Token).JsonAsync();
        return DetectTests.Found(answer).ToJsonString();
    }
}
