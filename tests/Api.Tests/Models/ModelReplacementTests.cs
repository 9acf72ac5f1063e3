using System.Net;
using System.Net.Http.Headers;
using Serve.Api.Tests.Detection;
using Serve.Api.Tests.Support;

namespace Serve.Api.Tests.Models;

/// <summary>Models change while requests are answered.</summary>
public sealed class ModelReplacementTests : IDisposable
{
    private readonly TemporaryFolder _folder = TestFiles.NewFolder();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task No_request_fails_while_versions_are_put_replaced_and_deleted()
    {
        TestModel.Write(_folder.File("models"), "shapes", version: 1);
        await using var server = await ServeApplication.StartAsync(_folder.Path);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var versions = new HashSet<int>();
        var answered = 0;
        Task[] clients = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(AskAsync, Token))];

        for (var round = 0; round < 10; round++)
        {
            await PutAsync(server.Client, 1, $"{round}");
            await PutAsync(server.Client, 2, $"{round}");
            using var deleted = await server.Client.DeleteAsync("/v1/models/shapes/versions/2", Token);
            Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        }

        await end.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal([1, 2], versions.Order());
        Assert.True(answered > 20, $"Only {answered} requests were answered.");

        async Task AskAsync()
        {
            while (!end.IsCancellationRequested)
            {
                var answer = await server.Client.PostAsync("/v1/detect?model=shapes", DetectTests.Raw(TestPictures.Png()), Token).JsonAsync();
                lock (versions)
                    versions.Add((int)answer["version"]!);
                Interlocked.Increment(ref answered);
            }
        }
    }

    [Fact]
    public async Task Files_that_are_copied_into_the_folder_are_served_and_a_broken_model_hides_no_other()
    {
        TestModel.Write(_folder.File("models"), "shapes", version: 1);
        Directory.CreateDirectory(_folder.File("models/broken/1"));
        await File.WriteAllTextAsync(_folder.File("models/broken/1/model.onnx"), "this is no graph", Token);
        await using var server = await ServeApplication.StartAsync(_folder.Path, ("Serve:ModelSettleMilliseconds", "100"), ("Serve:ModelRescanSeconds", "1"));

        var list = await server.Client.GetAsync("/v1/models", Token).JsonAsync();
        Assert.Contains("models/broken/1/model.onnx", (string)list["faults"]![0]!);
        Assert.Equal(["failed", "ready"], list["models"]!.AsArray().Select(model => (string)model!["state"]!));
        Assert.Equal("shapes", (string)list["default"]!);
        var problem = await server.Client.PostAsync("/v1/detect?model=broken", DetectTests.Raw(TestPictures.Png()), Token).ProblemAsync(HttpStatusCode.ServiceUnavailable);
        Assert.Contains("cannot be served", problem.Detail());

        TestModel.Write(_folder.File("models"), "dropped", version: 3);
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while ((await server.Client.GetAsync("/v1/models", Token).JsonAsync())["models"]!.AsArray().All(model => (string)model!["name"]! != "dropped" || (string)model["state"]! != "ready"))
        {
            Assert.True(DateTime.UtcNow < deadline, "The copied model is not served.");
            await Task.Delay(20, Token);
        }

        Assert.Equal(3, (int)(await server.Client.PostAsync("/v1/detect?model=dropped", DetectTests.Raw(TestPictures.Png()), Token).JsonAsync())["version"]!);
    }

    [Fact]
    public async Task A_server_that_is_killed_while_a_model_is_uploaded_comes_back_with_what_was_there()
    {
        TestModel.Write(_folder.File("models"), "shapes", version: 1);
        await using (var server = await ServeProcess.StartAsync(_folder.Path))
        {
            // More than the client keeps back arrives; the rest never does.
            using var body = new StreamContent(new Stalling(1 << 20));
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var upload = server.Client.PutAsync("/v1/models/shapes/versions/1", body, patience.Token);
            var deadline = DateTime.UtcNow.AddSeconds(30);
            while (!Directory.Exists(_folder.File("models/.staging")) || Directory.GetFiles(_folder.File("models/.staging"), "model.onnx", SearchOption.AllDirectories).Length == 0)
            {
                Assert.True(DateTime.UtcNow < deadline, $"Nothing is uploaded: {server.Output}");
                await Task.Delay(10, Token);
            }

            await server.KillAsync();
            await patience.CancelAsync();
            Assert.NotNull(await Record.ExceptionAsync(() => upload));
        }

        Assert.True(Directory.Exists(_folder.File("models/.staging")));
        await using var next = await ServeApplication.StartAsync(_folder.Path);

        Assert.False(Directory.Exists(_folder.File("models/.staging")), "What was uploaded is still there.");
        var answer = await next.Client.PostAsync("/v1/detect?model=shapes", DetectTests.Raw(TestPictures.Png()), Token).JsonAsync();
        Assert.Equal(1, (int)answer["version"]!);
    }

    private static async Task PutAsync(HttpClient client, int version, string labels)
    {
        using var folder = TestFiles.NewFolder();
        var made = TestModel.Write(folder.Path, "shapes", version);
        await File.WriteAllTextAsync(Path.Combine(made, "labels.txt"), labels, Token);
        using var form = new MultipartFormDataContent();
        foreach (var file in Directory.EnumerateFiles(made))
        {
            var part = new ByteArrayContent(await File.ReadAllBytesAsync(file, Token));
            part.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "file", FileName = Path.GetFileName(file) };
            form.Add(part);
        }

        using var response = await client.PutAsync($"/v1/models/shapes/versions/{version}", form, Token);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Gives some bytes and then nothing more, without an end.</summary>
    private sealed class Stalling(int bytes) : MemoryStream(new byte[bytes])
    {
        public override bool CanSeek => false;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (await base.ReadAsync(buffer, cancellationToken) is var read and > 0)
                return read;
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
