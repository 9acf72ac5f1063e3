using System.Net;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Models;

public class ModelEndpointsTests(ServeFixture serve)
{
    [Fact]
    public async Task List_has_every_model_and_version_and_the_default()
    {
        var list = await serve.Client.GetAsync("/v1/models", Token).JsonAsync();

        Assert.Equal(["other 1", "shapes 1", "shapes 2"], list["models"]!.AsArray().Select(model => $"{model!["name"]} {model["version"]}"));
        Assert.Equal("shapes", (string)list["default"]!);
        Assert.Equal(["light", "dark"], list["models"]![0]!["categories"]!.AsArray().Select(category => (string)category!));
    }

    [Fact]
    public async Task Get_tells_passport_versions_and_device_once_loaded()
    {
        await serve.Client.PostAsync("/v1/detect?model=shapes", Detection.DetectTests.Raw(TestPictures.Png()), Token).JsonAsync();

        var model = await serve.Client.GetAsync("/v1/models/shapes", Token).JsonAsync();

        Assert.Equal(2, (int)model["version"]!);
        Assert.Equal([1, 2], model["versions"]!.AsArray().Select(version => (int)version!));
        Assert.True((bool)model["loaded"]!);
        Assert.StartsWith("cpu", (string)model["device"]!);
        Assert.Equal(64, ((string)model["contentHash"]!).Length);
        Assert.Equal("shapes", (string)model["passport"]!["name"]!);
        Assert.Equal(64, (int)model["passport"]!["input"]!["width"]!);
        Assert.Equal("CPUExecutionProvider", (string)model["execution"]!["provider"]!);
        Assert.True((long)model["statistics"]!["answered"]! >= 1);
        Assert.True((long)model["memoryBytes"]! > 0);
    }

    [Fact]
    public async Task The_passport_on_the_wire_has_the_members_of_the_file_and_no_others()
    {
        using var folder = TestFiles.NewFolder();
        var passport = Inference.Models.Passport.Read(Path.Combine(TestModel.Write(folder.Path, "shapes", version: 2), "model.json"));
        var file = System.Text.Json.Nodes.JsonNode.Parse(passport.ToJson())!.AsObject().Where(member => member.Value is not null).Select(member => member.Key);

        var model = await serve.Client.GetAsync("/v1/models/shapes", Token).JsonAsync();

        Assert.Equal(file.Order(), model["passport"]!.AsObject().Where(member => member.Value is not null).Select(member => member.Key).Order());
    }

    [Fact]
    public async Task An_unknown_model_is_404_with_the_list()
    {
        var problem = await serve.Client.GetAsync("/v1/models/none", Token).ProblemAsync(HttpStatusCode.NotFound);

        Assert.Equal("There is no model \"none\". Models: other, shapes.", problem.Detail());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
