using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Models;

public sealed class ModelManagementTests : OwnServer
{
    private protected override Task<ServeApplication> StartAsync()
    {
        TestModel.Write(Folder.File("models"), "shapes", version: 1);
        return ServeApplication.StartAsync(Folder.Path, ("Serve:MaxModelBytes", "100000"), ("Serve:PinnedModels", "pinned"), ("Serve:WatchModels", "false"));
    }

    [Fact]
    public async Task A_new_version_is_put_described_and_answers()
    {
        var made = Files("shapes", 2);
        using var response = await Client.PutAsync("/v1/models/shapes/versions/2", Form(made), Token);

        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("/v1/models/shapes/versions/2", response.Headers.Location?.OriginalString);
        var document = JsonNode.Parse(await response.Content.ReadAsStringAsync(Token))!;
        Assert.Equal(("ready", 2, true), ((string)document["state"]!, (int)document["version"]!, (bool)document["loaded"]!));
        Assert.Equal($"\"{(string)document["tag"]!}\"", response.Headers.ETag?.Tag);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(made["model.onnx"])), (string)document["contentHash"]!);
        Assert.Equal([1, 2], document["versions"]!.AsArray().Select(version => (int)version!));
        Assert.Equal(2, (int)(await DetectAsync("shapes"))["version"]!);
        Assert.Equal(1, (int)(await DetectAsync("shapes&version=1"))["version"]!);
        Assert.Equal(made["model.onnx"], await File.ReadAllBytesAsync(Folder.File("models/shapes/2/model.onnx"), Token));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Putting_the_same_files_again_changes_nothing_and_others_replace_them()
    {
        var first = await Client.PutAsync("/v1/models/shapes/versions/2", Form(Files("shapes", 2)), Token).JsonAsync(HttpStatusCode.Created);
        var written = File.GetLastWriteTimeUtc(Folder.File("models/shapes/2/model.onnx"));

        var same = await Client.PutAsync("/v1/models/shapes/versions/2", Form(Files("shapes", 2)), Token).JsonAsync();
        Assert.Equal((string)first["tag"]!, (string)same["tag"]!);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Folder.File("models/shapes/2/model.onnx")));
        var other = Files("shapes", 2);
        other["labels.txt"] = "light\ndark\n"u8.ToArray();
        var replaced = await Client.PutAsync("/v1/models/shapes/versions/2", Form(other), Token).JsonAsync();

        Assert.NotEqual((string)first["tag"]!, (string)replaced["tag"]!);
        Assert.True(File.Exists(Folder.File("models/shapes/2/labels.txt")));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_broken_upload_is_refused_with_its_cause_and_what_was_there_answers_on()
    {
        var broken = Files("shapes", 1);
        broken["model.onnx"] = broken["model.onnx"][..500];

        var problem = await Client.PutAsync("/v1/models/shapes/versions/1", Form(broken), Token).ProblemAsync(HttpStatusCode.UnprocessableEntity);

        Assert.Contains("shapes/1/model.onnx", problem.Detail());
        Assert.DoesNotContain("staging", problem.Detail());
        Assert.Equal(1, (int)(await DetectAsync("shapes"))["version"]!);
        Assert.Equal("ready", (string)(await Client.GetAsync("/v1/models/shapes", Token).JsonAsync())["state"]!);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_passport_of_another_model_and_an_empty_body_are_refused()
    {
        var other = await Client.PutAsync("/v1/models/shapes/versions/3", Form(Files("shapes", 2)), Token).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        Assert.Contains("the passport is of 'shapes' version 2, but lies in shapes/3", other.Detail());

        await Client.PutAsync("/v1/models/empty/versions/1", Raw([]), Token).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        await Client.PutAsync("/v1/models/..%2Fout/versions/1", Raw([1]), Token).ProblemAsync(HttpStatusCode.UnprocessableEntity);
        await Client.PutAsync("/v1/models/shapes/versions/0", Raw([1]), Token).ProblemAsync(HttpStatusCode.UnprocessableEntity);

        Assert.Equal(["shapes"], Directory.EnumerateDirectories(Folder.File("models")).Select(folder => Path.GetFileName(folder)));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Too_large_a_body_is_413_in_both_forms()
    {
        await Client.PutAsync("/v1/models/large/versions/1", Raw(new byte[100_001]), Token).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        await Client.PutAsync("/v1/models/large/versions/1", new StreamContent(new Endless(100_001)), Token).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);
        await Client.PutAsync("/v1/models/large/versions/1", Form(new() { ["model.onnx"] = new byte[100_001] }), Token).ProblemAsync(HttpStatusCode.RequestEntityTooLarge);

        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("../model.onnx")]
    [InlineData("/etc/model.onnx")]
    [InlineData("a/../../model.onnx")]
    [InlineData(".hidden/model.onnx")]
    [InlineData("a\\b.onnx")]
    [InlineData("a/b/c/d.onnx")]
    [InlineData("ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ.bin")]
    public async Task Names_of_files_that_lead_elsewhere_are_refused(string name)
    {
        var problem = await Client.PutAsync("/v1/models/shapes/versions/2", Form(new() { [name] = [1] }), Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Contains("allowed are names", problem.Detail());
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task The_hash_that_the_client_names_must_be_that_of_the_file()
    {
        var files = Files("shapes", 2);
        var hash = SHA256.HashData(files["model.onnx"]);
        var wrong = new string('0', 64);

        await Client.PutAsync("/v1/models/shapes/versions/2?sha256=nothing", Form(files), Token).ProblemAsync(HttpStatusCode.BadRequest);
        var problem = await Client.PutAsync($"/v1/models/shapes/versions/2?sha256={wrong}", Form(files), Token).ProblemAsync(HttpStatusCode.BadRequest);
        Assert.Contains($"not {wrong}", problem.Detail());
        AssertNothingIsLeft();
        await Client.PutAsync($"/v1/models/shapes/versions/2?sha256={Convert.ToHexString(hash)}", Form(files), Token).JsonAsync(HttpStatusCode.Created);

        using var raw = Raw(files["model.onnx"]);
        raw.Headers.Add("Content-Digest", $"sha-256=:{Convert.ToBase64String(new byte[32])}:");
        await Client.PutAsync("/v1/models/shapes/versions/3", raw, Token).ProblemAsync(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Conditions_on_what_is_there_are_kept()
    {
        using var got = await Client.GetAsync("/v1/models/shapes/versions/1", Token);
        var tag = got.Headers.ETag!;
        using var stale = new HttpRequestMessage(HttpMethod.Put, "/v1/models/shapes/versions/1") { Content = Form(Files("shapes", 1)), Headers = { IfMatch = { new("\"other\"") } } };
        using var onlyNew = new HttpRequestMessage(HttpMethod.Put, "/v1/models/shapes/versions/1") { Content = Form(Files("shapes", 1)), Headers = { IfNoneMatch = { EntityTagHeaderValue.Any } } };
        using var staleDelete = new HttpRequestMessage(HttpMethod.Delete, "/v1/models/shapes/versions/1") { Headers = { IfMatch = { new("\"other\"") } } };
        using var delete = new HttpRequestMessage(HttpMethod.Delete, "/v1/models/shapes/versions/1") { Headers = { IfMatch = { tag } } };

        await Client.SendAsync(stale, Token).ProblemAsync(HttpStatusCode.PreconditionFailed);
        await Client.SendAsync(onlyNew, Token).ProblemAsync(HttpStatusCode.PreconditionFailed);
        await Client.SendAsync(staleDelete, Token).ProblemAsync(HttpStatusCode.PreconditionFailed);
        Assert.Equal(HttpStatusCode.NoContent, (await Client.SendAsync(delete, Token)).StatusCode);

        Assert.False(Directory.Exists(Folder.File("models/shapes")));
        await Client.GetAsync("/v1/models/shapes", Token).ProblemAsync(HttpStatusCode.NotFound);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("If-Match", "\"one\", \"other\"", HttpStatusCode.PreconditionFailed)]
    [InlineData("If-Match", "\"other\", TAG", HttpStatusCode.NoContent)]
    [InlineData("If-Match", "W/TAG", HttpStatusCode.PreconditionFailed)]
    [InlineData("If-Match", "*", HttpStatusCode.NoContent)]
    [InlineData("If-Match", "unquoted", HttpStatusCode.BadRequest)]
    [InlineData("If-None-Match", "TAG", HttpStatusCode.BadRequest)]
    public async Task A_condition_is_never_passed_over(string header, string value, HttpStatusCode expected)
    {
        using var got = await Client.GetAsync("/v1/models/shapes/versions/1", Token);
        using var request = new HttpRequestMessage(HttpMethod.Delete, "/v1/models/shapes/versions/1");
        request.Headers.TryAddWithoutValidation(header, value.Replace("TAG", got.Headers.ETag!.Tag, StringComparison.Ordinal));

        using var response = await Client.SendAsync(request, Token);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected != HttpStatusCode.NoContent, Directory.Exists(Folder.File("models/shapes/1")));
    }

    [Fact]
    public async Task Any_tag_asks_for_a_version_that_is_there()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/v1/models/shapes/versions/2") { Content = Form(Files("shapes", 2)), Headers = { IfMatch = { EntityTagHeaderValue.Any } } };

        var problem = await Client.SendAsync(request, Token).ProblemAsync(HttpStatusCode.PreconditionFailed);

        Assert.Equal("shapes/2 is not there, but has to be.", problem.Detail());
    }

    [Theory]
    [InlineData("data", "data/weights.bin")]
    [InlineData("data/weights.bin", "data")]
    public async Task A_file_that_is_aFolder_as_well_is_refused(string first, string second)
    {
        var files = Files("shapes", 2);
        (files[first], files[second]) = ([1], [2]);

        var problem = await Client.PutAsync("/v1/models/shapes/versions/2", Form(files), Token).ProblemAsync(HttpStatusCode.BadRequest);

        Assert.Equal($"The form holds the files \"{first}\" and \"{second}\": a file cannot be a folder as well.", problem.Detail());
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task A_pinned_model_is_neither_deleted_nor_unloaded()
    {
        await Client.PutAsync("/v1/models/pinned/versions/1", Form(Files("pinned", 1)), Token).JsonAsync(HttpStatusCode.Created);

        await Client.DeleteAsync("/v1/models/pinned", Token).ProblemAsync(HttpStatusCode.Conflict);
        await Client.PostAsync("/v1/models/pinned/unload", null, Token).ProblemAsync(HttpStatusCode.Conflict);

        Assert.True((bool)(await Client.GetAsync("/v1/models/pinned", Token).JsonAsync())["pinned"]!);
    }

    [Fact]
    public async Task Unload_and_load_change_whether_a_model_answers()
    {
        Assert.Equal(HttpStatusCode.NoContent, (await Client.PostAsync("/v1/models/shapes/unload", null, Token)).StatusCode);
        var problem = await Client.PostAsync("/v1/detect?model=shapes", DetectTests.Raw(TestPictures.Png()), Token).ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("unloaded by request", problem.Detail());
        using (var refused = await Client.PostAsync("/v1/detect?model=shapes", DetectTests.Raw(TestPictures.Png()), Token))
            Assert.NotNull(refused.Headers.RetryAfter);

        var loaded = await Client.PostAsync("/v1/models/shapes/versions/1/load", null, Token).JsonAsync();

        Assert.Equal("ready", (string)loaded["state"]!);
        Assert.Equal(1, (int)(await DetectAsync("shapes"))["version"]!);
        await Client.PostAsync("/v1/models/none/load", null, Token).ProblemAsync(HttpStatusCode.NotFound);
        await Client.PostAsync("/v1/models/shapes/versions/9/unload", null, Token).ProblemAsync(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Pages_of_other_origins_cannot_change_models()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/models/shapes/unload") { Headers = { { "Origin", "http://elsewhere.example" } } };

        var problem = await Client.SendAsync(request, Token).ProblemAsync(HttpStatusCode.Forbidden);

        Assert.Equal("Pages of http://elsewhere.example cannot change the models of this server.", problem.Detail());
    }

    [Theory]
    [InlineData("false", "127.0.0.1", HttpStatusCode.Forbidden)]
    [InlineData(null, "0.0.0.0", HttpStatusCode.Forbidden)]
    [InlineData("true", "0.0.0.0", HttpStatusCode.NoContent)]
    public async Task Management_is_for_this_machine_unless_the_operator_says_otherwise(string? setting, string listen, HttpStatusCode expected)
    {
        using var folder = TestFiles.NewFolder();
        TestModel.Write(folder.File("models"), "shapes", version: 1);
        (string, string)[] settings = [("urls", $"http://{listen}:0"), ("Serve:Access:Mode", "open"), .. setting is null ? [] : ((string, string)[])[("Serve:ManageModels", setting)]];
        await using var server = await ServeApplication.StartAsync(folder.Path, settings);

        var address = new Uri($"http://127.0.0.1:{server.Client.BaseAddress!.Port}/v1/models/shapes/unload");
        using var response = await server.Client.PostAsync(address, null, Token);

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Forbidden)
            Assert.Contains("Serve:ManageModels=true", await response.Content.ReadAsStringAsync(Token));
    }

    private async Task<JsonNode> DetectAsync(string query)
        => await Client.PostAsync($"/v1/detect?model={query}", DetectTests.Raw(TestPictures.Png()), Token).JsonAsync();

    private void AssertNothingIsLeft() => Assert.False(Directory.Exists(Folder.File("models/.staging")), "Something is left of an upload.");

    private static Dictionary<string, byte[]> Files(string name, int version)
    {
        using var folder = TestFiles.NewFolder();
        return Directory.EnumerateFiles(TestModel.Write(folder.Path, name, version)).ToDictionary(file => Path.GetFileName(file), File.ReadAllBytes);
    }

    private static MultipartFormDataContent Form(Dictionary<string, byte[]> files)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, bytes) in files)
        {
            var part = new ByteArrayContent(bytes);
            part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "file", FileName = $"\"{name}\"" };
            form.Add(part);
        }

        return form;
    }

    private static ByteArrayContent Raw(byte[] bytes) => new(bytes) { Headers = { ContentType = new("application/octet-stream") } };

    /// <summary>Bytes whose number nobody is told before they are read.</summary>
    private sealed class Endless(int bytes) : MemoryStream(new byte[bytes])
    {
        public override bool CanSeek => false;
    }
}
