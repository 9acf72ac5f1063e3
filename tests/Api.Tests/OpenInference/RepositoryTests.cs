using System.Net;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.OpenInference;

/// <summary>Health, loading and unloading, and the index, as models come and go.</summary>
public sealed class RepositoryTests : OwnServer
{
    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "good", 1);
        TestModel.Write(Folder.File("models"), "other", 1);
        File.WriteAllText(Path.Combine(TestModel.Write(Folder.File("models"), "broken", 1), "model.onnx"), "no model");
        return ServeApplication.StartAsync(Folder.Path, ("Serve:DefaultModel", "good"), ("Serve:WatchModels", "false"));
    }

    [Fact]
    public async Task The_server_lives_and_is_ready()
    {
        Assert.Equal("""{"live":true}""", (await GetAsync("/v2/health/live")).ToJsonString());
        Assert.Equal("""{"live":true,"ready":true}""", (await GetAsync("/v2/health/ready")).ToJsonString());
    }

    [Fact]
    public async Task The_server_is_ready_while_an_older_version_answers_and_tells_of_the_one_that_failed()
    {
        File.WriteAllText(Path.Combine(TestModel.Write(Folder.File("models"), "good", 2), "model.onnx"), "no model");
        await Client.PostAsync("/v2/repository/models/good/load", null, Token).ErrorAsync(HttpStatusCode.BadRequest);

        Assert.Equal("""{"live":true,"ready":true,"failed":["good 2"]}""", (await GetAsync("/v2/health/ready")).ToJsonString());

        await PostAsync("good/unload", "");
        Assert.Equal("""{"live":true,"ready":false,"error":"Not ready: good 2 (failed)."}""", (await GetAsync("/v2/health/ready", HttpStatusCode.ServiceUnavailable)).ToJsonString());
    }

    [Fact]
    public async Task A_default_model_that_is_taken_away_leaves_the_server_not_ready()
    {
        using var deleted = await Client.DeleteAsync("/v1/models/good", Token);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);

        Assert.Equal("Not ready: good (not there).", (string)(await GetAsync("/v2/health/ready", HttpStatusCode.ServiceUnavailable))["error"]!);
    }

    [Fact]
    public async Task Where_the_newest_version_of_a_model_to_preload_cannot_be_loaded_the_one_before_it_is()
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "parts", 1);
        File.WriteAllText(Path.Combine(TestModel.Write(folder.File("models"), "parts", 2), "model.onnx"), "no model");
        TestModel.Write(folder.File("models"), "a-default", 1);
        await using var server = await ServeApplication.StartAsync(folder.Path, ("Serve:PreloadModels", "parts"));

        var ready = await server.Client.GetAsync("/v2/health/ready", Token).JsonAsync();

        Assert.Equal(["parts 2"], ready["failed"]!.AsArray().Select(version => (string)version!));
        Assert.Equal(["a-default", "parts"], (await server.Client.PostAsync("/v2/repository/index", new StringContent("""{"ready":true}"""), Token).JsonAsync()).AsArray().Select(entry => (string)entry!["name"]!));
    }

    [Fact]
    public async Task A_model_is_ready_when_it_is_loaded_and_a_broken_one_is_not()
    {
        Assert.Equal("""{"name":"good","ready":true}""", (await GetAsync("/v2/models/good/ready")).ToJsonString());
        Assert.Equal("""{"name":"good.raw","ready":true}""", (await GetAsync("/v2/models/good.raw/versions/1/ready")).ToJsonString());
        Assert.Equal("""{"name":"other","ready":true}""", (await GetAsync("/v2/models/other/ready")).ToJsonString());

        var broken = await GetAsync("/v2/models/broken/ready", HttpStatusCode.ServiceUnavailable);

        Assert.False((bool)broken["ready"]!);
        Assert.NotEmpty((string)broken["error"]!);
        Assert.DoesNotContain(Folder.Path, broken.ToJsonString());
    }

    [Fact]
    public async Task Unloading_takes_a_model_away_and_loading_brings_it_back()
    {
        await PostAsync("good/unload", """{"parameters":{"unload_dependents":false}}""");

        var health = await GetAsync("/v2/models/good/ready", HttpStatusCode.ServiceUnavailable);
        Assert.False((bool)health["ready"]!);
        using (var refused = await Client.InferPicturesAsync("good", [TestPictures.Png()]))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
        }
        Assert.Equal("UNAVAILABLE", (string)(await IndexAsync("")).Single(entry => (string)entry["name"]! == "good")["state"]!);

        await PostAsync("good/load", "");

        Assert.True((bool)(await GetAsync("/v2/models/good/ready"))["ready"]!);
        await Client.InferPicturesAsync("good", [TestPictures.Png()]).OutputsAsync();
    }

    [Fact]
    public async Task The_index_lists_every_version_and_only_the_ready_ones_when_asked()
    {
        await Client.PostAsync("/v2/models/broken/infer", new StringContent("{}"), Token);

        var all = await IndexAsync("");
        var ready = await IndexAsync("""{"ready":true}""");

        Assert.Equal(["broken", "good", "other"], all.Select(entry => (string)entry["name"]!));
        Assert.All(all, entry => Assert.Equal("1", (string)entry["version"]!));
        Assert.All(all, entry => Assert.NotNull((string?)entry["reason"]));
        Assert.NotEmpty((string)all[0]["reason"]!);
        Assert.Equal(("UNAVAILABLE", "READY"), ((string)all[0]["state"]!, (string)all[1]["state"]!));
        Assert.Equal(["good"], ready.Select(entry => (string)entry["name"]!));
    }

    [Theory]
    [InlineData("/v2/repository/index", """{"ready":1}""", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/index", "[]", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/index", "{", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/index", """{"\ud800":1}""", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/models/good/load", """{"parameters":{"\ud800":1}}""", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/models/good/load", """{"parameters":7}""", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/models/good/load", """{"parameters":{"x":[]}}""", HttpStatusCode.BadRequest)]
    [InlineData("/v2/repository/models/good/load", """{"parameters":{"config":"{}"}}""", HttpStatusCode.NotImplemented)]
    [InlineData("/v2/repository/models/good/load", """{"parameters":{"file:1/model.onnx":"AAAA"}}""", HttpStatusCode.NotImplemented)]
    [InlineData("/v2/repository/models/good/unload", """{"parameters":{"unload_dependents":"yes"}}""", HttpStatusCode.BadRequest)]
    public async Task Wrong_repository_requests_are_refused(string path, string body, HttpStatusCode expected)
        => Assert.NotEmpty(await Client.PostAsync(path, new StringContent(body), Token).ErrorAsync(expected));

    [Fact]
    public async Task A_broken_file_is_not_loaded_and_the_old_model_goes_on()
    {
        await File.WriteAllTextAsync(Folder.File("models/good/1/model.onnx"), "no model", Token);

        var error = await Client.PostAsync("/v2/repository/models/good/load", null, Token).ErrorAsync(HttpStatusCode.BadRequest);
        var answer = await Client.InferPicturesAsync("good", [TestPictures.Png()]).OutputsAsync();

        Assert.StartsWith("failed to load 'good': ", error);
        Assert.Equal("good", (string)answer.Json["model_name"]!);
        Assert.True((bool)(await GetAsync("/v2/models/good/ready"))["ready"]!);
    }

    [Fact]
    public async Task A_reload_under_traffic_fails_no_request()
    {
        using var over = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(async client =>
        {
            var answered = 0;
            for (; !over.IsCancellationRequested; answered++)
                using (var response = await Client.InferPicturesAsync("good", [TestPictures.Png(client)]))
                    Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return answered;
        }).ToList();

        for (var i = 0; i < 5; i++)
            await PostAsync("good/load", "");
        await over.CancelAsync();

        Assert.All(await Task.WhenAll(clients), answered => Assert.True(answered > 0));
    }

    private async Task PostAsync(string path, string body)
    {
        using var response = await Client.PostAsync($"/v2/repository/models/{path}", new StringContent(body), Token);
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.StatusCode == HttpStatusCode.OK && text.Length == 0, $"{response.StatusCode}: {text}");
    }

    private Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) => Client.GetAsync(path, Token).JsonAsync(expected);

    private async Task<List<JsonNode>> IndexAsync(string body)
        => [.. (await Client.PostAsync("/v2/repository/index", new StringContent(body), Token).JsonAsync()).AsArray().Select(entry => entry!)];
}
